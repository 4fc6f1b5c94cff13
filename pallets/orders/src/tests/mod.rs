mod accept;
mod cancel;
mod confirm;
mod deliver;
mod dispute;
mod offer;
mod properties;
mod release;
mod retire;
mod try_state;
mod waiting;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, DispatchResult};

pub const BUYER: MachineId = 0;
/// A machine that sells.
pub const SHOP: MachineId = 1;
pub const AMOUNT: u128 = 1_001;
const ACCEPT_WITHIN: u32 = 30;
const DELIVER_WITHIN: u32 = 40;
const CONFIRM_WITHIN: u32 = 50;
const PROOF: [u8; 32] = [7; 32];
const COMPLAINT: [u8; 32] = [8; 32];

fn signed(account: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

fn stranger() -> RuntimeOrigin {
	signed(STRANGER)
}

/// An offer to [`SHOP`] with an arbiter, good from now on.
fn offer() -> Offer<AccountId> {
	offer_to(Payee::Machine(SHOP))
}

fn offer_to(seller: Payee<AccountId>) -> Offer<AccountId> {
	Offer {
		seller,
		amount: AMOUNT,
		arbiter: Some(ARBITER),
		terms_hash: [3; 32],
		accept_by: System::block_number() + ACCEPT_WITHIN,
		deliver_within: DELIVER_WITHIN,
		confirm_within: CONFIRM_WITHIN,
	}
}

fn submit(offer: Offer<AccountId>) -> DispatchResult {
	PurchaseOrders::offer(signed(key(BUYER)), offer)
}

/// Who acts for a seller: its key with the right to claim, or the account itself.
fn seller_of(id: OrderId) -> RuntimeOrigin {
	match order(id).offer.seller {
		Payee::Machine(machine) => signed(claim_key(machine)),
		Payee::Account(account) => signed(account),
	}
}

/// An order that is offered.
fn offered(offer: Offer<AccountId>) -> OrderId {
	let id = NextOrderId::<Test>::get();
	submit(offer).unwrap();
	id
}

/// An order that is accepted.
fn accepted(offer: Offer<AccountId>) -> OrderId {
	let id = offered(offer);
	PurchaseOrders::accept(seller_of(id), id).unwrap();
	id
}

/// An order that is delivered.
fn delivered(offer: Offer<AccountId>) -> OrderId {
	let id = accepted(offer);
	PurchaseOrders::deliver(seller_of(id), id, PROOF).unwrap();
	id
}

/// An order that is disputed.
fn disputed(offer: Offer<AccountId>) -> OrderId {
	let id = delivered(offer);
	PurchaseOrders::dispute(signed(key(BUYER)), id, COMPLAINT).unwrap();
	id
}

/// An order that is decided in full for a seller that cannot be paid.
fn waiting() -> OrderId {
	let id = delivered(offer_to(Payee::Account(SELLER)));
	Blocked::set(&vec![SELLER]);
	PurchaseOrders::confirm(signed(key(BUYER)), id).unwrap();
	id
}

/// An order in every state.
fn one_of_each() -> [OrderId; 5] {
	[offered(offer()), accepted(offer()), delivered(offer()), disputed(offer()), waiting()]
}

fn order(id: OrderId) -> OrderOf<Test> {
	Orders::<Test>::get(id).unwrap()
}

fn is_gone(id: OrderId) -> bool {
	!Orders::<Test>::contains_key(id)
}

/// Goes to the last block that is in time.
fn go_to_deadline(id: OrderId) {
	System::set_block_number(order(id).deadline());
}

/// Goes to the first block that is late.
fn go_past_deadline(id: OrderId) {
	System::set_block_number(order(id).deadline() + 1);
}

fn advance(blocks: u32) {
	System::set_block_number(System::block_number() + blocks);
}

/// What [`BUYER`] has paid for `amount` that waits in one order.
fn out_of_pocket(amount: u128) -> u128 {
	amount + STORAGE_DEPOSIT
}
