//! How long payments take, for reports. Nothing here is asserted in a test.

mod payments;
mod stats;

pub use payments::{payments, payments_while, Payments};
pub use stats::Samples;
