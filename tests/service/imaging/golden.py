"""Twenty-two files of 4 x 3 pixels, each with the pixels that it must go on decoding to.

`pixels` is one hexadecimal string a row, one byte a channel.
"""

import base64
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Golden:
    file: str
    format: str
    frames: int
    pixels: tuple[str, str, str]

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.file)

    @property
    def array(self) -> np.ndarray:
        """uint8 `[3, 4]` or `[3, 4, 3]`."""
        values = np.frombuffer(bytes.fromhex("".join(self.pixels)), np.uint8)
        return values.reshape((3, 4) if values.size == 12 else (3, 4, 3))


GOLDEN = {
    "L png": Golden(
        file="iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAAEElEQVR4nGNkFxERYQmAEQAJuAFljnveBAAAAABJRU5ErkJggg==",
        format="PNG",
        frames=1,
        pixels=(
            "071b2f43",
            "576b7f93",
            "a7bbcfe3",
        ),
    ),
    "L png, transparent grey 27": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAAAnRSTlMAG/z2BNQAAAAQSURBVHicY2QXERFhCYARAAm4AWWOe94E"
            "AAAAAElFTkSuQmCC"
        ),
        format="PNG",
        frames=1,
        pixels=(
            "07002f43",
            "576b7f93",
            "a7bbcfe3",
        ),
    ),
    "RGB png": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAHElEQVR4nGNk/7Fc5I0IBLEEbNgA5zAuj2CHcwAf2g4XFy/whwAA"
            "AABJRU5ErkJggg=="
        ),
        format="PNG",
        frames=1,
        pixels=(
            "07f8a71be4bb2fd0cf43bce3",
            "57a8576b946b7f807f936c93",
            "a75807bb441bcf302fe31c43",
        ),
    ),
    "RGBA png": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAYAAAC09K7GAAAAKElEQVR4nGNk/7H8v8gbEQaRNyKNIm9EGlgCNmxggAowiLwRYcAQ"
            "AADczxDExqVl+QAAAABJRU5ErkJggg=="
        ),
        format="PNG",
        frames=1,
        pixels=(
            "07f8a71be4bb186868000000",
            "57a8576b946b404040000000",
            "a75807bb441b681818000000",
        ),
    ),
    "LA png": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAQAAAAe/WZNAAAAG0lEQVR4nGNg/y/9X7/BmYElgEGEQYRBBMEAAFMnBDO2dKQ8AAAA"
            "AElFTkSuQmCC"
        ),
        format="PNG",
        frames=1,
        pixels=(
            "071b1800",
            "576b4000",
            "a7bb6800",
        ),
    ),
    "1-bit png": Golden(
        file="iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAQAAAACcj5NrAAAADklEQVR4nGNYwGDA8AAABJYBsaz9BbgAAAAASUVORK5CYII=",
        format="PNG",
        frames=1,
        pixels=(
            "ff00ff00",
            "0000ffff",
            "ffffff00",
        ),
    ),
    "palette png": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAADFBMVEXIAAAAlgAAAGT6+vo1gqBpAAAADklEQVR4nGOQZmJgYgAA"
            "AJkAIPUQWP0AAAAASUVORK5CYII="
        ),
        format="PNG",
        frames=1,
        pixels=(
            "c80000009600000064fafafa",
            "c80000009600000064fafafa",
            "c80000009600000064fafafa",
        ),
    ),
    "palette png, transparent entries": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAADFBMVEXIAAAAlgAAAGT6+vo1gqBpAAAAA3RSTlP/AICpVnMTAAAA"
            "DklEQVR4nGOQZmJgYgAAAJkAIPUQWP0AAAAASUVORK5CYII="
        ),
        format="PNG",
        frames=1,
        pixels=(
            "c80000000000000032fafafa",
            "c80000000000000032fafafa",
            "c80000000000000032fafafa",
        ),
    ),
    "16-bit png": Golden(
        file=(
            "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADEAAAAADBDy1ZAAAAHklEQVR4nGNgfsHiw7KBVYSF5QXjC4YXDC+gDMZHAG1uCVYVRYrU"
            "AAAAAElFTkSuQmCC"
        ),
        format="PNG",
        frames=1,
        pixels=(
            "000a141e",
            "646e7882",
            "c8d2dcff",
        ),
    ),
    "16-bit tiff": Golden(
        file=(
            "SUkqAAgAAAAJAAABBAABAAAABAAAAAEBBAABAAAAAwAAAAIBAwABAAAAEAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAAB"
            "AAAAegAAABYBBAABAAAAAwAAABcBBAABAAAAGAAAABwBAwABAAAAAQAAAAAAAADoA0wEsAQUBdAHNAiYCPwIuAscDIAM3g0="
        ),
        format="TIFF",
        frames=1,
        pixels=(
            "000a141e",
            "646e7882",
            "c8d2dcff",
        ),
    ),
    "signed 32-bit tiff": Golden(
        file=(
            "SUkqAAgAAAAKAAABBAABAAAABAAAAAEBBAABAAAAAwAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAAB"
            "AAAAhgAAABYBBAABAAAAAwAAABcBBAABAAAAMAAAABwBAwABAAAAAQAAAFMBAwABAAAAAgAAAAAAAAAF+///afv//837//8x/P//"
            "7f7//1H///+1////GQAAANUCAAA5AwAAnQMAAPsEAAA="
        ),
        format="TIFF",
        frames=1,
        pixels=(
            "000a141e",
            "646e7882",
            "c8d2dcff",
        ),
    ),
    "float tiff": Golden(
        file=(
            "SUkqAAgAAAAKAAABBAABAAAABAAAAAEBBAABAAAAAwAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAAB"
            "AAAAhgAAABYBBAABAAAAAwAAABcBBAABAAAAMAAAABwBAwABAAAAAQAAAFMBAwABAAAAAwAAAAAAAAAAAIC/AAAAAAAAAD8AAIA/"
            "AADAfwAAgD4AAAC/AADAPwAAAEAAAEBAAACAQAAAgL8="
        ),
        format="TIFF",
        frames=1,
        pixels=(
            "00334c66",
            "33401a80",
            "99ccff00",
        ),
    ),
    "lzw rgb tiff": Golden(
        file=(
            "SUkqADQAAACAAd8KcNuRdi9oM8hrxxldUFc1pQ1n9AH9JmxJqcsAddkQNs8YC9xhwhwEAAoAAAEDAAEAAAAEAAAAAQEDAAEAAAAD"
            "AAAAAgEDAAMAAACyAAAAAwEDAAEAAAAFAAAABgEDAAEAAAACAAAAEQEEAAEAAAAIAAAAFQEDAAEAAAADAAAAFgEDAAEAAAADAAAA"
            "FwEEAAEAAAArAAAAHAEDAAEAAAABAAAAAAAAAAgACAAIAA=="
        ),
        format="TIFF",
        frames=1,
        pixels=(
            "07f8a71be4bb2fd0cf43bce3",
            "57a8576b946b7f807f936c93",
            "a75807bb441bcf302fe31c43",
        ),
    ),
    "two-page tiff": Golden(
        file=(
            "SUkqAAgAAAAJAAABBAABAAAABAAAAAEBBAABAAAAAwAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAAB"
            "AAAAegAAABYBBAABAAAAAwAAABcBBAABAAAADAAAABwBAwABAAAAAQAAAJgAAAAHGy9DV2t/k6e7z+MAAAAAAAAAAAAASUkqAAgA"
            "AAAJAAABBAABAAAABAAAAAEBBAABAAAAAwAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAACgEA"
            "ABYBBAABAAAAAwAAABcBBAABAAAADAAAABwBAwABAAAAAQAAAAAAAAD45NC8qJSAbFhEMBwAAAAAAAAAAAAA"
        ),
        format="TIFF",
        frames=2,
        pixels=(
            "071b2f43",
            "576b7f93",
            "a7bbcfe3",
        ),
    ),
    "L bmp": Golden(
        file=(
            "Qk1CBAAAAAAAADYEAAAoAAAABAAAAAMAAAABAAgAAAAAAAwAAADEDgAAxA4AAAABAAAAAQAAAAAAAAEBAQACAgIAAwMDAAQEBAAF"
            "BQUABgYGAAcHBwAICAgACQkJAAoKCgALCwsADAwMAA0NDQAODg4ADw8PABAQEAAREREAEhISABMTEwAUFBQAFRUVABYWFgAXFxcA"
            "GBgYABkZGQAaGhoAGxsbABwcHAAdHR0AHh4eAB8fHwAgICAAISEhACIiIgAjIyMAJCQkACUlJQAmJiYAJycnACgoKAApKSkAKioq"
            "ACsrKwAsLCwALS0tAC4uLgAvLy8AMDAwADExMQAyMjIAMzMzADQ0NAA1NTUANjY2ADc3NwA4ODgAOTk5ADo6OgA7OzsAPDw8AD09"
            "PQA+Pj4APz8/AEBAQABBQUEAQkJCAENDQwBEREQARUVFAEZGRgBHR0cASEhIAElJSQBKSkoAS0tLAExMTABNTU0ATk5OAE9PTwBQ"
            "UFAAUVFRAFJSUgBTU1MAVFRUAFVVVQBWVlYAV1dXAFhYWABZWVkAWlpaAFtbWwBcXFwAXV1dAF5eXgBfX18AYGBgAGFhYQBiYmIA"
            "Y2NjAGRkZABlZWUAZmZmAGdnZwBoaGgAaWlpAGpqagBra2sAbGxsAG1tbQBubm4Ab29vAHBwcABxcXEAcnJyAHNzcwB0dHQAdXV1"
            "AHZ2dgB3d3cAeHh4AHl5eQB6enoAe3t7AHx8fAB9fX0Afn5+AH9/fwCAgIAAgYGBAIKCggCDg4MAhISEAIWFhQCGhoYAh4eHAIiI"
            "iACJiYkAioqKAIuLiwCMjIwAjY2NAI6OjgCPj48AkJCQAJGRkQCSkpIAk5OTAJSUlACVlZUAlpaWAJeXlwCYmJgAmZmZAJqamgCb"
            "m5sAnJycAJ2dnQCenp4An5+fAKCgoAChoaEAoqKiAKOjowCkpKQApaWlAKampgCnp6cAqKioAKmpqQCqqqoAq6urAKysrACtra0A"
            "rq6uAK+vrwCwsLAAsbGxALKysgCzs7MAtLS0ALW1tQC2trYAt7e3ALi4uAC5ubkAurq6ALu7uwC8vLwAvb29AL6+vgC/v78AwMDA"
            "AMHBwQDCwsIAw8PDAMTExADFxcUAxsbGAMfHxwDIyMgAycnJAMrKygDLy8sAzMzMAM3NzQDOzs4Az8/PANDQ0ADR0dEA0tLSANPT"
            "0wDU1NQA1dXVANbW1gDX19cA2NjYANnZ2QDa2toA29vbANzc3ADd3d0A3t7eAN/f3wDg4OAA4eHhAOLi4gDj4+MA5OTkAOXl5QDm"
            "5uYA5+fnAOjo6ADp6ekA6urqAOvr6wDs7OwA7e3tAO7u7gDv7+8A8PDwAPHx8QDy8vIA8/PzAPT09AD19fUA9vb2APf39wD4+PgA"
            "+fn5APr6+gD7+/sA/Pz8AP39/QD+/v4A////AKe7z+NXa3+TBxsvQw=="
        ),
        format="BMP",
        frames=1,
        pixels=(
            "071b2f43",
            "576b7f93",
            "a7bbcfe3",
        ),
    ),
    "RGB bmp": Golden(
        file=(
            "Qk1aAAAAAAAAADYAAAAoAAAABAAAAAMAAAABABgAAAAAACQAAADEDgAAxA4AAAAAAAAAAAAAB1inG0S7LzDPQxzjV6hXa5Rrf4B/"
            "k2yTp/gHu+Qbz9Av47xD"
        ),
        format="BMP",
        frames=1,
        pixels=(
            "07f8a71be4bb2fd0cf43bce3",
            "57a8576b946b7f807f936c93",
            "a75807bb441bcf302fe31c43",
        ),
    ),
    "lossless webp": Golden(
        file="UklGRj4AAABXRUJQVlA4TDEAAAAvA4AAAF8gEEj8XQMYYIgfUAgEEolQd1pz/ouQi4j5BQQBJAqxxDLLLLNMGtH/wHQHAA==",
        format="WEBP",
        frames=1,
        pixels=(
            "07f8a71be4bb2fd0cf43bce3",
            "57a8576b946b7f807f936c93",
            "a75807bb441bcf302fe31c43",
        ),
    ),
    "lossless webp, alpha": Golden(
        file="UklGRkIAAABXRUJQVlA4TDUAAAAvA4AAEF8gEEj8XQMYYIgfUAgEEolQd1pTIEBIp1wR8kJJ+5cgCCBRiCWWWWaZZdKI/gemOwA=",
        format="WEBP",
        frames=1,
        pixels=(
            "07f8a71be4bb186868000000",
            "57a8576b946b404040000000",
            "a75807bb441b681818000000",
        ),
    ),
    "animated gif": Golden(
        file=(
            "R0lGODlhBAADAIEAAMgAAACWAAAAZPr6+iH5BAAFAAAALAAAAAAEAAMAAAgMAAEEEDBAIEGDAwICACH5BAEFAAQALAAAAAAEAAMA"
            "gcgAAACWAAAAZPr6+ggMAAcICABAIEGDAAICADs="
        ),
        format="GIF",
        frames=2,
        pixels=(
            "c80000009600000064fafafa",
            "c80000009600000064fafafa",
            "c80000009600000064fafafa",
        ),
    ),
    "L jpeg": Golden(
        file=(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
            "FRUVDA8XGBYUGBIUFRT/wAALCAADAAQBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EAB8QAAADCQAAAAAAAAAAAAAAAAABBwIE"
            "BQgWJlFhkv/aAAgBAQAAPwBIJtLCldJOlkQvhrBbH//Z"
        ),
        format="JPEG",
        frames=1,
        pixels=(
            "061d2e44",
            "566d7e94",
            "a5bccde3",
        ),
    ),
    "progressive jpeg": Golden(
        file=(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
            "FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
            "FBQUFBQUFBT/wgARCAADAAQDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABUBAQEAAAAAAAAAAAAAAAAAAAUH/9oA"
            "DAMBAAIQAxAAAAEIyj//xAAXEAADAQAAAAAAAAAAAAAAAAACBAUS/9oACAEBAAEFAjoMa//EABsRAAAHAQAAAAAAAAAAAAAAAAAB"
            "AgQFBhMk/9oACAEDAQE/AWFYhsC5kj//xAAYEQACAwAAAAAAAAAAAAAAAAAABAETIv/aAAgBAgEBPwFN1imNn//EABYQAAMAAAAA"
            "AAAAAAAAAAAAAAACM//aAAgBAQAGPwKrH//EABUQAQEAAAAAAAAAAAAAAAAAAAAR/9oACAEBAAE/IaS//9oADAMBAAIAAwAAABD/"
            "AP/EABcRAAMBAAAAAAAAAAAAAAAAAAABwdH/2gAIAQMBAT8Qix6f/8QAFREBAQAAAAAAAAAAAAAAAAAAADH/2gAIAQIBAT8QrD//"
            "xAAXEAADAQAAAAAAAAAAAAAAAAAAAcHR/9oACAEBAAE/ELAWH//Z"
        ),
        format="JPEG",
        frames=1,
        pixels=(
            "09f8a71be4b832cdcf41bede",
            "5aa95a6c976c847f83936f93",
            "a5550cb8441fd02c35df1c44",
        ),
    ),
    "CMYK jpeg": Golden(
        file=(
            "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUV"
            "FQwPFxgWFBgSFBUU/8AAFAgAAwAEBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAgHCf/EAB8QAAADCQAAAAAAAAAA"
            "AAAAAAABBwIEBQgWJlFhkv/aAA4EQwBNAFkASwAAPwBIJtLCldJOlkQvhrBbBsUmZ5VKte73inbOT0IIm0zyqUk6XvFO2cFoapj/"
            "2Q=="
        ),
        format="JPEG",
        frames=1,
        pixels=(
            "06f9a61de2bc2ed1ce44bbe3",
            "56a9566d926c7e817e946b93",
            "a55907bc431dcd312fe31c44",
        ),
    ),
}
