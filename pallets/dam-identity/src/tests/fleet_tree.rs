use super::*;
use dam_primitives::{machine::MAX_FLEET_DEPTH, MAX_PAGE};
use sp_runtime::DispatchResult;

fn set_parent(who: u8, machines: &[MachineId], parent: Option<MachineId>) -> DispatchResult {
	Identity::set_parent(origin(who), list(machines), parent)
}

/// Registers `count` machines of owner `who`, from device `first` on.
fn fleet(who: u8, first: u32, count: u32) -> Vec<MachineId> {
	(first..first + count).map(|n| register(&owner(who), n)).collect()
}

fn children(machine: MachineId) -> Vec<MachineId> {
	let mut children = Identity::children(machine, None, MAX_PAGE);
	children.sort();
	children
}

#[test]
fn machines_should_move_between_parents() {
	build_and_execute(|| {
		fleet(1, 0, 5);
		go_to(4);
		assert_ok!(set_parent(1, &[2, 3, 4], Some(0)));
		System::assert_last_event(Event::ParentSet { machine: 4, parent: Some(0) }.into());
		assert_eq!(children(0), [2, 3, 4]);
		assert_eq!(record(0).children, 3);
		assert_eq!(Identity::machine_info(3).unwrap().parent, Some(0));
		assert_eq!((record(0).updated_at, record(3).updated_at), (1, 4));

		assert_ok!(set_parent(1, &[3, 4], Some(1)));
		assert_eq!((children(0), children(1)), (vec![2], vec![3, 4]));

		assert_ok!(set_parent(1, &[2, 3], None));
		System::assert_last_event(Event::ParentSet { machine: 3, parent: None }.into());
		assert_eq!((children(0), children(1)), (vec![], vec![4]));
		assert_eq!(record(3).parent, None);
	});
}

#[test]
fn setting_a_parent_should_do_nothing_when_it_is_the_parent() {
	build_and_execute(|| {
		fleet(1, 0, 2);
		// Twice in one list, and once more later.
		assert_ok!(set_parent(1, &[1, 1], Some(0)));
		System::reset_events();
		go_to(9);
		assert_ok!(set_parent(1, &[1], Some(0)));
		assert_ok!(set_parent(1, &[0, 0], None));
		assert_ok!(set_parent(1, &[], Some(0)));
		assert_eq!(System::events(), []);
		assert_eq!((record(0).children, record(1).updated_at), (1, 1));
		assert_ok!(set_parent(1, &[1, 1], None));
		assert_eq!(record(0).children, 0);
		assert_eq!(System::events().len(), 1);
	});
}

#[test]
fn machine_should_keep_its_children_when_it_becomes_a_root() {
	build_and_execute(|| {
		fleet(1, 0, 3);
		assert_ok!(set_parent(1, &[1], Some(0)));
		assert_ok!(set_parent(1, &[2], Some(1)));
		assert_noop!(set_parent(1, &[1], Some(2)), Error::<Test>::FleetCycle);
		assert_ok!(set_parent(1, &[1], None));
		assert_eq!((children(0), children(1)), (vec![], vec![2]));
	});
}

#[test]
fn parent_should_be_refused_when_machines_stand_below_the_machine() {
	build_and_execute(|| {
		fleet(1, 0, 4);
		assert_ok!(set_parent(1, &[1], Some(0)));
		assert_noop!(set_parent(1, &[0], Some(2)), Error::<Test>::HasChildren);
		// The first of a list makes a parent of the second: nothing of it stays.
		assert_noop!(set_parent(1, &[3, 0], Some(2)), Error::<Test>::HasChildren);
		assert_eq!(record(3).parent, None);
	});
}

#[test]
fn parent_should_be_refused_when_it_is_the_machine_or_stands_below_it() {
	build_and_execute(|| {
		fleet(1, 0, 4);
		assert_noop!(set_parent(1, &[0], Some(0)), Error::<Test>::FleetCycle);
		assert_noop!(set_parent(1, &[1, 2, 0], Some(0)), Error::<Test>::FleetCycle);
		assert_ok!(set_parent(1, &[1], Some(0)));
		assert_ok!(set_parent(1, &[2], Some(1)));
		assert_ok!(set_parent(1, &[3], Some(2)));
		for below in 1..=3 {
			assert_noop!(set_parent(1, &[0], Some(below)), Error::<Test>::FleetCycle);
		}
		assert_noop!(set_parent(1, &[2], Some(3)), Error::<Test>::FleetCycle);
	});
}

#[test]
fn tree_should_grow_to_its_depth_and_no_deeper() {
	build_and_execute(|| {
		let machines = fleet(1, 0, MAX_FLEET_DEPTH + 1);
		for pair in machines.windows(2).take(MAX_FLEET_DEPTH as usize - 1) {
			assert_ok!(set_parent(1, &[pair[1]], Some(pair[0])));
		}
		let (last, deepest) = (machines[4], machines[3]);
		assert_noop!(set_parent(1, &[last], Some(deepest)), Error::<Test>::FleetTooDeep);
		assert_ok!(set_parent(1, &[last], Some(machines[2])));
		assert_eq!(children(machines[2]), [deepest, last]);
	});
}

#[test]
fn tree_should_obey_the_owner_of_all_its_machines() {
	build_and_execute(|| {
		fleet(1, 0, 3);
		let foreign = register(&owner(2), 3);
		assert_noop!(set_parent(2, &[1], Some(foreign)), Error::<Test>::NotOwner);
		assert_noop!(set_parent(2, &[foreign], Some(0)), Error::<Test>::NotOwner);
		assert_noop!(set_parent(1, &[foreign], Some(0)), Error::<Test>::NotOwner);
		// All or nothing.
		assert_noop!(set_parent(1, &[1, 2, foreign], Some(0)), Error::<Test>::NotOwner);
		assert_noop!(set_parent(1, &[1, 99], Some(0)), Error::<Test>::MachineNotFound);
		assert_noop!(set_parent(1, &[1], Some(99)), Error::<Test>::MachineNotFound);
		assert_noop!(set_parent(1, &[99], None), Error::<Test>::MachineNotFound);
		assert_ok!(set_parent(1, &[1], Some(0)));
		assert_noop!(set_parent(2, &[1], None), Error::<Test>::NotOwner);
		assert_noop!(set_parent(2, &[0], None), Error::<Test>::NotOwner);
		assert_noop!(Identity::set_parent(device(0), list(&[1]), None), Error::<Test>::NotOwner);
	});
}

#[test]
fn child_should_be_detached_by_its_owner_and_by_its_parents() {
	build_and_execute(|| {
		fleet(1, 0, 3);
		assert_ok!(set_parent(1, &[1, 2], Some(0)));
		// The parent is sold; its children stay where they are, and with their owner.
		assert_ok!(Identity::offer_ownership(origin(1), 0, owner(2), 50));
		assert_ok!(Identity::accept_ownership(origin(2), 0, System::block_number()));
		assert_eq!(children(0), [1, 2]);
		// Neither can attach anything across the two owners any more.
		let more = register(&owner(1), 9);
		assert_noop!(set_parent(1, &[more], Some(0)), Error::<Test>::NotOwner);
		assert_noop!(set_parent(2, &[more], Some(0)), Error::<Test>::NotOwner);
		assert_noop!(set_parent(3, &[1], None), Error::<Test>::NotOwner);
		// A list needs one of the two reasons for each.
		assert_noop!(set_parent(2, &[1, more], None), Error::<Test>::NotOwner);

		assert_ok!(set_parent(2, &[1], None));
		assert_ok!(set_parent(1, &[2], Some(more)));
		assert_ok!(Identity::retire(origin(2), 0));
	});
}

#[test]
fn children_should_be_listed_page_by_page() {
	build_and_execute(|| {
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), owner(1), 1_000_000));
		let machines: Vec<_> = (0..20).map(|n| register(&owner(1), n * 3)).collect();
		assert_ok!(set_parent(1, &machines[1..], Some(0)));
		assert_ok!(set_parent(1, &machines[10..11], Some(1)));
		for limit in [1, 5, 18, 19, u32::MAX] {
			let mut seen = Vec::new();
			let mut after = None;
			loop {
				let page = Identity::children(0, after, limit);
				assert!(page.len() <= limit.min(MAX_PAGE) as usize);
				let Some(last) = page.last() else { break };
				after = Some(*last);
				seen.extend(page);
			}
			seen.sort();
			let expected: Vec<_> =
				machines[1..].iter().copied().filter(|id| *id != machines[10]).collect();
			assert_eq!(seen, expected);
		}
		assert!(Identity::children(0, None, 0).is_empty());
		assert!(Identity::children(99, None, 9).is_empty());
	});
}

#[test]
fn page_of_children_should_be_bounded_whatever_is_asked_for() {
	build_and_execute(|| {
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), owner(1), 1_000_000));
		let machines: Vec<_> = (0..MAX_PAGE + 2).map(|n| register(&owner(1), n * 3)).collect();
		for part in machines[1..].chunks(MAX_FLEET as usize) {
			assert_ok!(set_parent(1, part, Some(0)));
		}
		assert_eq!(record(0).children, MAX_PAGE + 1);
		let page = Identity::children(0, None, u32::MAX);
		assert_eq!(page.len(), MAX_PAGE as usize);
		assert_eq!(Identity::children(0, page.last().copied(), u32::MAX).len(), 1);
	});
}

#[test]
fn whole_fleet_should_get_a_parent_in_one_call() {
	build_and_execute(|| {
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), owner(1), 1_000_000));
		let machines: Vec<_> = (0..=MAX_FLEET).map(|n| register(&owner(1), n * 3)).collect();
		assert_ok!(set_parent(1, &machines[1..], Some(machines[0])));
		assert_eq!(record(machines[0]).children, MAX_FLEET);
		assert_ok!(set_parent(1, &machines[1..], None));
		assert_eq!(record(machines[0]).children, 0);
	});
}
