//! Payments against a chain that misbehaves on command.

mod mock;
mod payments;
mod settle;
