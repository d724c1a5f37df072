# Two images without root: `service` (the default; its model, no TensorFlow, no trainer, no build tools) and `trainer`.
# Plain Dockerfile syntax, so that it builds with and without BuildKit. Without, all stages above the wanted one are
# built too: `--target service` spares TensorFlow there, and docker-compose.yml gives it.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

# `service`, or `hospital` for the DICOM node and DICOMweb.
ARG REQUIREMENTS=service
COPY requirements/${REQUIREMENTS}.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --quiet --no-compile \
        --require-hashes --no-deps --only-binary :all: --requirement /tmp/requirements.txt
# What the service never imports: test suites, model conversion tools, and a second copy of the runtime for C programs.
RUN cd /opt/venv/lib/python3*/site-packages \
    && find . -depth -type d -name tests -exec rm -r {} + \
    && rm -rf onnxruntime/quantization onnxruntime/tools onnxruntime/transformers numpy/f2py numpy/distutils pydicom/data/test_files \
    && rm -f onnxruntime/capi/libonnxruntime.so.* \
    && rm -rf _CharLS*.so jpeg_ls google/protobuf google/_upb \
    && /opt/venv/bin/python -m compileall -q .
# Of 80 MB of codecs the four that DICOM needs, with the libraries that they link to. The last line fails if one is missing.
RUN cd /opt/venv/lib/python3*/site-packages \
    && find imagecodecs -name '_*.so' ! -name '_imcd.*' ! -name '_jpeg8.*' ! -name '_jpegls.*' ! -name '_jpeg2k.*' \
        ! -name '_shared*' -delete \
    && find imagecodecs.libs -name '*.so*' ! -name 'libjpeg-*' ! -name 'libcharls-*' ! -name 'libopenjp2-*' \
        ! -name 'liblcms2-*' -delete \
    && /opt/venv/bin/python -c "import imagecodecs as i; \
assert i.JPEG8.available and i.JPEGLS.available and i.JPEG2K.available and i.PACKBITS.available"

# highdicom knows every attribute of DICOM; it looks up those of patient and study, and of the two kinds of objects made.
RUN cd /opt/venv/lib/python3*/site-packages/highdicom/_standard && python -c "\
import json; \
read = lambda name: json.load(open(name)); \
made = ('comprehensive-3d-sr', 'secondary-capture-image'); \
kept = {one['key'] for name, iod in read('iod_module_map.json').items() for one in iod \
if one['ie'] in ('Patient', 'Study') or name in made}; \
every = read('module_attribute_map.json'); \
json.dump({key: every[key] for key in kept if key in every}, open('module_attribute_map.json', 'w'))"

COPY LICENSE ./
COPY service service
COPY models models
# Readable by the service's user whatever the umask of the checkout was.
RUN chmod -R a+rX . && /opt/venv/bin/python -m compileall -q service && /opt/venv/bin/python -c "import service.app, service.imaging.dicom.source, service.imaging.nifti.source"


FROM ${BASE_IMAGE} AS service
LABEL org.opencontainers.image.title="brain-mri-classifier" \
      org.opencontainers.image.description="Classifies brain-MRI images. Research use only. Not for diagnostic use." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# onnxruntime reports to its maker unless told not to.
ENV ORT_DISABLE_TELEMETRY=1
# The official image ships its standard library without bytecode: compiling it anew took 0.3 of 0.9 s at every start.
RUN python -m compileall -q -x '/(site-packages|dist-packages|idlelib|lib2to3|tkinter|turtledemo)/' \
        "$(python -c 'import os; print(os.path.dirname(os.__file__))')"
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
WORKDIR /app
ENV SERVICE_HOST=0.0.0.0 SERVICE_PORT=8000
RUN mkdir /spool && chown 10001:10001 /spool
# By number: Kubernetes' runAsNonRoot cannot check a name.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# http.client, because urllib would send the request through HTTP_PROXY where one is set.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["python", "-IS", "-c", "\
import http.client, os, sys; \
probe = http.client.HTTPConnection('127.0.0.1', int(os.environ['SERVICE_PORT']), timeout=2); \
probe.request('GET', '/health'); \
sys.exit(probe.getresponse().status != 200)"]
CMD ["python", "-m", "service"]


FROM ${BASE_IMAGE} AS trainer
LABEL org.opencontainers.image.title="brain-mri-trainer" \
      org.opencontainers.image.description="Trains brain-MRI classifiers. Research use only. Not for diagnostic use." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY requirements/trainer.txt /tmp/trainer.txt
# Bytecode, because nobody can write it later: root is read-only. The headers are for building C++ extensions.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --quiet --no-cache-dir --no-compile \
        --disable-pip-version-check --root-user-action ignore \
        --require-hashes --no-deps --only-binary :all: --requirement /tmp/trainer.txt \
    && cd /opt/venv/lib/python3*/site-packages \
    && rm -r tensorflow/include \
    && /opt/venv/bin/python -m compileall -q -j 0 .
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1
# Any user may run it, also one without a home: caches are scratch files, downloaded weights stay with the runs.
ENV HOME=/tmp KERAS_HOME=/runs/.keras
COPY LICENSE /app/
COPY service /app/service
COPY trainer /app/trainer
RUN chmod -R a+rX /app && python -m compileall -q /app && python -m trainer --help >/dev/null && mkdir /data /runs \
    && chown 10001:10001 /runs
WORKDIR /runs
USER 10001:10001
# As Ctrl-C: the run says that it was interrupted, and the same command resumes it.
STOPSIGNAL SIGINT
# -P: nothing that lies in the folder of the runs is imported.
ENTRYPOINT ["python", "-P", "-m", "trainer"]
CMD ["--help"]


# What `docker build .` makes.
FROM service
