//! Tests, by subject.

mod authority;
mod lookup;
mod offer;
mod properties;
mod retire;
mod try_state;
mod update;
mod withdraw;

use crate::{mock::*, *};
use dam_primitives::{
	machine::MAX_URI_BYTES, Cid, MachineStatus, ServiceInfo, Unit, Uri, MAX_PAGE,
};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_dam_traits::OnMachineChange;
use sp_runtime::{DispatchError, DispatchResult};

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn uri(text: &str) -> Uri {
	Uri::try_from(text).unwrap()
}

/// Ids and kinds of what `machine` offers.
fn offered(machine: MachineId) -> Vec<(ServiceId, ServiceKind)> {
	Services::services(machine).into_iter().map(|info| (info.id, info.service.kind)).collect()
}

/// Machines and ids of the services of `kind` after `after`.
fn page(
	kind: ServiceKind,
	after: Option<(MachineId, ServiceId)>,
	limit: u32,
) -> Vec<(MachineId, ServiceId)> {
	Services::by_kind(kind, after, limit).into_iter().map(|info| (info.machine, info.id)).collect()
}

/// Everything of `kind`, in pages of `limit`.
fn walk(kind: ServiceKind, limit: u32) -> Vec<(MachineId, ServiceId)> {
	let mut all: Vec<(MachineId, ServiceId)> = Vec::new();
	loop {
		let next = page(kind, all.last().copied(), limit);
		assert!(next.len() <= limit as usize);
		let last = next.len() < limit as usize;
		all.extend(next);
		if last {
			return all;
		}
	}
}
