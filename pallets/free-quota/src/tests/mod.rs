//! Tests, by subject.

mod bucket;
mod extension;
mod properties;

use crate::{bucket::*, mock::*, *};
