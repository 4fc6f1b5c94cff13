//! Tests, by subject.

mod bucket;
mod extension;
mod properties;

use crate::{bucket::*, mock::*, *};
use frame_support::{assert_noop, assert_ok};
