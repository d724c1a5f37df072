#!/usr/bin/env bash
# Make the default model and its int8 twin: models/brain-tumor-mri/train.sh [DATA [WEIGHTS [RUNS]]], from the root of the project.
# DATA holds cheng/, sartaj/ and lgg/ with their tables; WEIGHTS are ImageNet weights of MobileNetV2 without top.
set -euo pipefail
data=${1:-../shared/data}
weights=${2:-../shared/weights/mobilenetv2_imagenet_notop.weights.h5}
runs=${3:-runs}
python=${PYTHON:-.venv/bin/python}

"$python" -m trainer manifest "$data/cheng/labels.csv" --masks masks \
  --ordered glioma=38,meningioma=21,pituitary=25 --out "$runs/cheng.csv"
"$python" -m trainer manifest "$data/lgg/slices.csv" --masks masks --label-column has_tumour --group-column patient \
  --class-map 0=no_tumor,1=glioma --out "$runs/lgg.csv"
"$python" -m trainer train "$runs/cheng.csv" "$data/sartaj" "$runs/lgg.csv" --preset brain-tumor-mri \
  --weights "$weights" --out "$runs/brain-tumor-mri"
"$python" -m trainer export "$runs/brain-tumor-mri" --format int8 --out "$runs/brain-tumor-mri/model.int8.onnx"
