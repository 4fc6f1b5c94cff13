//! Everything that is sent, against a chain that misbehaves on command.

mod attestations;
mod channels;
mod intents;
mod keyring;
mod light_chain;
mod mandates;
mod mock;
mod orders;
mod owner;
mod ownership;
mod payments;
mod policy;
mod queries;
mod recovery;
mod service;
mod services;
mod settle;
mod streams;
