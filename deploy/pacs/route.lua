-- Send every MR series to the node once no image has come for StableAge seconds. Its results are SR and SC: they stay.
function OnStableSeries(series, tags, metadata)
  if tags['Modality'] == 'MR' then
    RestApiPost('/modalities/brain-mri/store', DumpJson({ Resources = { series }, Asynchronous = true }))
  end
end
