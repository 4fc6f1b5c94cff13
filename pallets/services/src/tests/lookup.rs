use super::*;

const KIND: ServiceKind = ServiceKind::Charging;

/// Two machines with full catalogues, six with one service, and others of another kind.
fn market() -> Vec<(MachineId, ServiceId)> {
	for machine in 0..2 {
		for _ in 0..MAX_SERVICES {
			offer(machine, KIND);
		}
	}
	for machine in 2..8 {
		offer(machine, ServiceKind::Toll);
		offer(machine, KIND);
	}
	let mut all: Vec<_> = (0..2).flat_map(|m| (0..MAX_SERVICES).map(move |id| (m, id))).collect();
	all.extend((2..8).map(|machine| (machine, 1)));
	all
}

#[test]
fn walk_should_list_everything_once_when_nothing_changes() {
	build_and_execute(|| {
		let expected = market();
		for limit in 1..=expected.len() as u32 + 2 {
			let mut all = walk(KIND, limit);
			assert_eq!(all, page(KIND, None, MAX_PAGE), "the order depends on the limit {limit}");
			all.sort();
			assert_eq!(all, expected, "limit {limit}");
		}
	});
}

#[test]
fn walk_should_go_on_after_keys_that_do_not_exist() {
	build_and_execute(|| {
		let expected = market();
		let all = walk(KIND, MAX_PAGE);
		// Services of another kind, withdrawn and unknown ones, and the ends of the ranges.
		for after in [
			(2, 0),
			(2, 77),
			(MACHINES, 0),
			(0, ServiceId::MAX),
			(MachineId::MAX, 0),
			(MachineId::MAX, ServiceId::MAX),
		] {
			let rest = page(KIND, Some(after), MAX_PAGE);
			assert!(all.ends_with(&rest), "{after:?} leads to something that is no tail");
		}
		// From any start, walking on ends within as many pages as there are services.
		for machine in 0..200 {
			let mut after = Some((machine, 99));
			let mut pages = 0;
			while let [next] = page(KIND, after, 1)[..] {
				after = Some(next);
				pages += 1;
				assert!(pages <= expected.len());
			}
		}
	});
}

#[test]
fn walk_should_lose_nothing_else_when_its_last_item_is_withdrawn() {
	build_and_execute(|| {
		market();
		let all = walk(KIND, MAX_PAGE);
		let (first, rest) = all.split_first().unwrap();
		assert_eq!(page(KIND, None, 1), [*first]);
		assert_ok!(Services::withdraw(signed(owner(first.0)), first.0, first.1));
		assert_eq!(page(KIND, Some(*first), MAX_PAGE), rest);
	});
}

#[test]
fn page_should_never_exceed_its_bounds() {
	build_and_execute(|| {
		let all = MACHINES as usize * MAX_SERVICES as usize;
		let max = MAX_PAGE as usize;
		assert!(all > max, "the test needs more than a page of services");
		for machine in 0..MACHINES {
			for _ in 0..MAX_SERVICES {
				offer(machine, KIND);
			}
		}
		assert!(page(KIND, None, 0).is_empty());
		assert_eq!(page(KIND, None, 1).len(), 1);
		assert_eq!(page(KIND, None, MAX_PAGE - 1).len(), max - 1);
		for limit in [MAX_PAGE, MAX_PAGE + 1, u32::MAX] {
			assert_eq!(page(KIND, None, limit).len(), max);
		}
		assert_eq!(walk(KIND, MAX_PAGE).len(), all);
	});
}

#[test]
fn page_should_be_bounded_when_the_index_leads_nowhere() {
	new_test_ext().execute_with(|| {
		for id in 0..2 * MAX_PAGE {
			ByKind::<Test>::insert(KIND, (1, id), ());
		}
		assert!(Services::by_kind(KIND, None, u32::MAX).is_empty());
	});
}

#[test]
fn services_should_be_listed_by_ascending_id() {
	build_and_execute(|| {
		for _ in 0..4 {
			offer(1, KIND);
		}
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 1));
		offer(1, KIND);
		assert_eq!(offered(1), [(0, KIND), (2, KIND), (3, KIND), (4, KIND)]);
		assert!(Services::services(MACHINES).is_empty());
		assert!(Services::services(MachineId::MAX).is_empty());
	});
}
