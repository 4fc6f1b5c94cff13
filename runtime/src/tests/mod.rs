//! Tests of the runtime as a whole: what must not move, and what nobody may do.

mod agreements;
mod free_calls;
mod identity_of_bytes;
mod payments;
mod support;
