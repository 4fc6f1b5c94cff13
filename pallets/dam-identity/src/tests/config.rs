use super::*;
use frame_support::traits::Hooks;

#[test]
fn configuration_should_pass_its_own_test() {
	new_test_ext().execute_with(Identity::integrity_test);
}

#[test]
fn configuration_should_be_refused_when_a_deposit_or_a_time_is_zero() {
	for (zero, complaint) in [
		(Zeroed::MachineDeposit, "MachineDeposit is zero"),
		(Zeroed::KeyDeposit, "KeyDeposit is zero"),
		(Zeroed::StatementLifetime, "MaxStatementLifetime is zero"),
		(Zeroed::RotationInterval, "RotationInterval is zero"),
		(Zeroed::KeyHorizon, "KeyHorizon is zero"),
		(Zeroed::OfferLifetime, "MaxOfferLifetime is zero"),
	] {
		new_test_ext().execute_with(|| {
			ZeroedConstant::set(&Some(zero));
			let panic = std::panic::catch_unwind(Identity::integrity_test).unwrap_err();
			let text = panic
				.downcast_ref::<String>()
				.map(String::as_str)
				.or_else(|| panic.downcast_ref::<&str>().copied())
				.unwrap();
			assert!(text.starts_with(complaint), "{text}");
		});
	}
}
