//! Tests, by action.

mod config;
mod fleet_tree;
mod keys;
mod lifecycle;
mod operators;
mod ownership;
mod profile;
mod properties;
mod registration;
mod try_state;

use crate::{mock::*, *};
use dam_primitives::OperatorRights;
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_dam_traits::Machines as MachinesTrait;
use sp_runtime::TokenError;
