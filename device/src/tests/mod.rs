//! Everything that is sent, against a chain that misbehaves on command.

mod attestations;
mod keyring;
mod mock;
mod owner;
mod ownership;
mod payments;
mod policy;
mod queries;
mod recovery;
mod services;
mod settle;
