//! Tests of the runtime as a whole: what must not move, and what nobody may do.

mod agreements;
mod calls;
mod free_calls;
mod identity_of_bytes;
mod laws;
mod no_way_around;
mod payments;
mod state_size;
mod support;
