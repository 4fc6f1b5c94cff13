//! Tests, by action.

mod accreditation;
mod batch;
mod issue;
mod lookup;
mod properties;
mod remove;
mod renew;
mod revoke;
mod try_state;

// The pallet goes by the name of its map: tests mean the pallet by it.
use crate::{
	mock::{Attestations, *},
	Attestations as Records, *,
};
use dam_primitives::MachineId;
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::{traits::BadOrigin, DispatchError, DispatchResult, TokenError};
use ClaimType::{Carbon, HolderKyc, Location, Manufacturer, MeterCalibration, OperatorKyc};

/// The attester of most tests.
const LAB: AccountId = 1;
/// Another one.
const OFFICE: AccountId = 2;
/// The machine of most tests.
const METER: Subject<AccountId> = Subject::Machine(7);
/// The person of most tests.
const PERSON: Subject<AccountId> = Subject::Account(20);

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn accredit(who: AccountId, claim: ClaimType) {
	assert_ok!(Attestations::accredit(RuntimeOrigin::root(), who, claim));
}

fn withdraw(who: AccountId, claim: ClaimType) {
	assert_ok!(Attestations::withdraw_accreditation(RuntimeOrigin::root(), who, claim));
}

fn item(
	subject: Subject<AccountId>,
	claim: ClaimType,
	expires_at: u32,
) -> NewAttestation<AccountId, u32> {
	NewAttestation { subject, claim, evidence: [claim as u8; 32], expires_at }
}

/// `LAB` says that `METER` is calibrated, until block `expires_at`.
fn issue(expires_at: u32) -> DispatchResult {
	Attestations::issue(signed(LAB), item(METER, MeterCalibration, expires_at))
}

fn renew(expires_at: u32) -> DispatchResult {
	Attestations::renew(signed(LAB), METER, MeterCalibration, expires_at)
}

fn revoke() -> DispatchResult {
	Attestations::revoke(signed(LAB), METER, MeterCalibration)
}

fn remove() -> DispatchResult {
	Attestations::remove(signed(50), METER, MeterCalibration, LAB)
}

/// Whether what `LAB` says of `METER` is valid in block `at`.
fn valid(at: u32) -> bool {
	Attestations::is_valid(&METER, MeterCalibration, &LAB, at)
}

fn record() -> Option<AttestationRecordOf<Test>> {
	Records::<Test>::get((METER, MeterCalibration, LAB))
}

/// Runs a test in which `LAB` is accredited for meters.
fn with_lab(test: impl FnOnce()) {
	build_and_execute(|| {
		accredit(LAB, MeterCalibration);
		test();
	});
}
