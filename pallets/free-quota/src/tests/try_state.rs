use super::*;

#[test]
fn invariants_should_notice_every_corruption() {
	let corrupt = |law: &str, corruption: &dyn Fn()| {
		new_test_ext().execute_with(|| {
			// A machine with a bond, and a part of one on its way back.
			assert_ok!(Quota::bond(signed(OWNER), 2, 9 * DAM));
			assert_ok!(Quota::unbond(signed(OWNER), 2, 4 * DAM));
			assert_ok!(Quota::do_try_state());
			corruption();
			let error: &'static str = Quota::do_try_state().unwrap_err().into();
			assert!(error.starts_with(law), "law {law} should have been broken, not: {error}");
		});
	};
	let bucket = |level, updated_at, bonded| {
		Buckets::<Test>::insert(1, Bucket { level, updated_at, bonded })
	};
	let chunks = |change: &dyn Fn(&mut UnbondingsOf<Test>)| Unbondings::<Test>::mutate(2, change);

	corrupt("1", &|| bucket(2 * MAX_CAPACITY + 1, 1, 0));
	corrupt("1", &|| CurrentRates::<Test>::mutate(|rates| rates.base_refill = 0));
	corrupt("2", &|| bucket(1, 2, 0));
	corrupt("2", &|| BlockUsage::<Test>::put((2, 0)));
	corrupt("3", &|| BlockUsage::<Test>::put((1, 4_000_001)));
	corrupt("4", &|| {
		let bucket = Bucket { level: 1, updated_at: 1, bonded: 0 };
		Buckets::<Test>::insert(100, bucket);
	});
	corrupt("4", &|| Buckets::<Test>::remove(2));
	corrupt("5", &|| bucket(1, 1, 1));
	corrupt("5", &|| Bonders::<Test>::remove(2));
	corrupt("6", &|| Unbondings::<Test>::insert(3, UnbondingsOf::<Test>::default()));
	corrupt("6", &|| chunks(&|chunks| chunks[0].amount = 0));
	corrupt("6", &|| chunks(&|chunks| chunks[0].unlocks_at += 1));
	corrupt("6", &|| {
		chunks(&|chunks| while chunks.try_push(chunks[0].clone()).is_ok() {});
	});
	corrupt("7", &|| chunks(&|chunks| chunks[0].amount += 1));
	corrupt("7", &|| chunks(&|chunks| chunks[0].bonder = BUYER));
	corrupt("7", &|| {
		Buckets::<Test>::mutate(2, |bucket| bucket.as_mut().unwrap().bonded -= 1);
	});
	corrupt("7", &|| Unbondings::<Test>::remove(2));
	corrupt("8", &|| FeePayer::<Test>::put(1));
}
