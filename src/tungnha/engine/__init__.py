"""Where heavy work runs: one `map` over local processes, Dask or Ray."""
