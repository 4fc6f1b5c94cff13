//! Tests of the runtime as a whole: what must not move, and what nobody may do.

mod agreements;
mod batches;
mod calls;
mod fees;
mod free_calls;
mod identity_of_bytes;
mod laws;
mod no_way_around;
mod payments;
mod payments_together;
mod quota;
mod signatures;
mod state_size;
mod support;
mod vectors;
