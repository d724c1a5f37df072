"""Group k-fold evaluation of one network: what its K models answer, pooled, each image answered once."""
