"""`python -m service predict`: the answers of the HTTP interface on the command line, with or without a server.

File names are told to the person who typed them, on the terminal; none is sent to a server.
"""
