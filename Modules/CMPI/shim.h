// Nothing that Swift could see: MPI's handles are macros with casts. Only tern_mpi.c includes mpi.h.
#ifndef TERN_CMPI_SHIM_H
#define TERN_CMPI_SHIM_H
#endif
