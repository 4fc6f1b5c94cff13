//! Amounts and times.

use crate::{Balance, BlockNumber};

/// One DAM.
pub const DAM: Balance = 1_000_000_000_000;
/// A thousandth of a DAM.
pub const MILLIDAM: Balance = DAM / 1_000;
/// A millionth of a DAM.
pub const MICRODAM: Balance = MILLIDAM / 1_000;

/// One USDT.
pub const USDT: Balance = 1_000_000;

/// Milliseconds from one slot to the next. See docs/adr/0001-consensus.md.
pub const SLOT_MILLISECONDS: u64 = 1_000;

/// Blocks in a minute, when every slot has its block.
pub const MINUTES: BlockNumber = 60;
/// Blocks in an hour.
pub const HOURS: BlockNumber = MINUTES * 60;
/// Blocks in a day.
pub const DAYS: BlockNumber = HOURS * 24;

/// Slots of an epoch, which is also a session: after this time a change of session keys that was
/// queued takes effect, and warp sync and new light clients get their next checkpoint.
pub const EPOCH_SLOTS: u64 = 600;
