//! Random sequences of transactions and blocks against a model.

use super::*;
use frame_support::weights::Weight;
use pallet_transaction_payment::ChargeTransactionPayment;
use proptest::prelude::*;
use sp_runtime::traits::DispatchTransaction;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
	Call { key: AccountId, weight: u64, used: u64, len: usize },
	Advance { blocks: u64 },
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => (1..4u64, 0..CAPACITY, 0..CAPACITY, 0..1_000usize)
			.prop_map(|(key, weight, used, len)| Step::Call { key, weight, used, len }),
		1 => (1..400u64).prop_map(|blocks| Step::Advance { blocks }),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

	#[test]
	fn buckets_should_follow_the_model(steps in prop::collection::vec(step(), 1..120)) {
		new_test_ext().execute_with(|| {
			let mut levels: BTreeMap<AccountId, u64> = (1..4).map(|key| (key, CAPACITY)).collect();
			let mut block_used = 0u64;
			for step in steps {
				match step {
					Step::Call { key, weight, used, len } => {
						let info = DispatchInfo {
							call_weight: Weight::from_parts(weight, 0),
							..Default::default()
						};
						let call = frame_system::Call::remark { remark: vec![] }.into();
						let result = Extension::from(ChargeTransactionPayment::<Test>::from(0))
							.test_run(Some(key).into(), &call, &info, len, 0, |_| {
								Ok(PostDispatchInfo {
									actual_weight: Some(Weight::from_parts(used, 0)),
									..Default::default()
								})
							});
						let cost = weight + 5 + len as u64 * LENGTH_COST;
						let level = levels.get_mut(&key).unwrap();
						let allowed = cost <= *level && block_used + cost <= BLOCK_LIMIT;
						prop_assert_eq!(result.is_ok(), allowed);
						if allowed {
							let spent = cost - weight.saturating_sub(used);
							*level -= spent;
							block_used += spent;
						}
					},
					Step::Advance { blocks } => {
						System::set_block_number(System::block_number() + blocks);
						block_used = 0;
						for level in levels.values_mut() {
							*level = (*level + blocks * REFILL).min(CAPACITY);
						}
					},
				}
				for (key, level) in &levels {
					prop_assert_eq!(Quota::level(*key), *level);
				}
				Quota::do_try_state().unwrap();
			}
			Ok(())
		})?;
	}
}
