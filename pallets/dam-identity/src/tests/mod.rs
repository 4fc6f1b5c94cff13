//! Tests, by action.

mod lifecycle;
mod properties;
mod registration;
mod try_state;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_dam_traits::Machines as MachinesTrait;
