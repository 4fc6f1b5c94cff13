//! The parts of `dam-node`: validator, full node and RPC server of DAM Chain.
//!
//! * [`cli`] and [`command`]: what can be asked of the program, and how it is done;
//! * [`chain_spec`]: which chain;
//! * [`service`] and [`consensus`]: the parts of a running node;
//! * `rpc`: what it serves;
//! * `listeners` and [`errors`]: what can go wrong, in words that say what to do.
//!
//! A library, so that the benchmarks measure the node as it runs, not a copy of it.

// The SDK's own error types are that large, and none is on a hot path.
#![allow(clippy::result_large_err)]

pub mod chain_spec;
pub mod cli;
pub mod command;
pub mod consensus;
pub mod errors;
mod listeners;
mod rpc;
pub mod service;
