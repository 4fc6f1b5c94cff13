use super::*;
use pallet_dam_traits::OnMachineChange;

fn revoke(who: AccountId, id: MandateId) -> DispatchResult {
	PaymentMandates::revoke(signed(who), id)
}

fn remove(id: MandateId) -> DispatchResult {
	PaymentMandates::remove(stranger(), id)
}

#[test]
fn revoked_mandate_should_leave_nothing_and_never_come_back() {
	build_and_execute(|| {
		let id = grant(0, 1);
		assert_ok!(pull(1, id, 10));
		assert_ok!(revoke(payment_key(0), id));
		System::assert_last_event(Event::MandateRevoked { mandate: id }.into());
		assert_eq!(wallet(0), FUNDS - 10);
		assert_eq!(income(0), 0, "what comes back is no income");
		assert_eq!(Mandates::<Test>::iter().count(), 0);
		assert_eq!(Granted::<Test>::iter().count(), 0);
		assert_eq!(Locked::<Test>::get(), 0);
		assert_noop!(pull(1, id, 10), Error::<Test>::MandateNotFound);
		assert_noop!(revoke(payment_key(0), id), Error::<Test>::MandateNotFound);
		assert_noop!(remove(id), Error::<Test>::MandateNotFound);
		assert_ne!(grant(0, 1), id);
	});
}

#[test]
fn each_side_should_revoke_by_itself() {
	build_and_execute(|| {
		for who in [payment_key(0), owner(0), payment_key(1), claim_key(1), owner(1)] {
			let id = grant(0, 1);
			for other in [claim_key(0), payment_key(2), owner(2), address(0), person()] {
				assert_noop!(revoke(other, id), Error::<Test>::NotParty);
			}
			assert_ok!(revoke(who, id));
		}
		let id = grant_to(0, Payee::Account(person()));
		assert_noop!(revoke(owner(1), id), Error::<Test>::NotParty);
		assert_ok!(revoke(person(), id));
	});
}

#[test]
fn owner_should_revoke_when_the_key_may_not_act() {
	build_and_execute(|| {
		for flag in [Suspended::set, Frozen::set] {
			let id = grant(0, 1);
			flag(&vec![0]);
			assert_noop!(revoke(payment_key(0), id), Error::<Test>::NotParty);
			assert_ok!(revoke(owner(0), id));
			flag(&vec![]);
		}
	});
}

#[test]
fn mandate_should_stay_with_its_machine_when_that_is_sold() {
	build_and_execute(|| {
		let id = grant(0, 1);
		PaymentMandates::on_transfer(0);
		sell(0, person());
		assert_ok!(pull(1, id, 10));
		assert_noop!(revoke(owner(0), id), Error::<Test>::NotParty);
		assert_ok!(revoke(person(), id));
		assert_eq!(wallet(0), FUNDS - 10);
	});
}

#[test]
fn anybody_should_remove_what_has_expired_and_nothing_else() {
	build_and_execute(|| {
		let id = grant(0, 1);
		System::set_block_number(mandate(id).expires_at);
		assert_noop!(remove(id), Error::<Test>::NotExpired);
		advance(1);
		assert_noop!(PaymentMandates::remove(RuntimeOrigin::none(), id), BadOrigin);
		assert_ok!(remove(id));
		System::assert_last_event(Event::MandateRemoved { mandate: id }.into());
		assert_eq!((wallet(0), Locked::<Test>::get()), (FUNDS, 0));
		assert!(listed(0).is_empty());
	});
}

#[test]
fn mandate_should_stay_when_its_deposit_cannot_move() {
	build_and_execute(|| {
		let id = grant(0, 1);
		EscrowFrozen::set(&true);
		assert_noop!(revoke(payment_key(0), id), Error::<Test>::DepositUnavailable);
		EscrowFrozen::set(&false);
		Blocked::set(&vec![address(0)]);
		assert_noop!(revoke(payment_key(0), id), Error::<Test>::DepositUnavailable);
		advance(MAX_LIFETIME + 1);
		assert_noop!(remove(id), Error::<Test>::DepositUnavailable);
		Blocked::set(&vec![]);
		assert_ok!(remove(id));
	});
}

#[test]
fn payer_should_not_retire_before_its_mandates_are_gone() {
	build_and_execute(|| {
		let ids = [grant(0, 1), grant(0, 1)];
		assert_ok!(PaymentMandates::on_retire(1));
		for id in ids {
			assert_noop!(PaymentMandates::on_retire(0), Error::<Test>::HasOpenMandates);
			assert_ok!(revoke(owner(0), id));
		}
		assert_ok!(PaymentMandates::on_retire(0));
	});
}
