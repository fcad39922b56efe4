"""Why regions differ: the four logics put to the data. Kernels on arrays here, their labelled faces in `of`."""
