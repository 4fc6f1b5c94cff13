use super::*;
use dam_primitives::{MachineKind, Uri};

fn profile(kind: MachineKind, uri: Option<&str>) -> MachineProfile {
	let metadata = uri.map(|uri| Metadata { hash: [3; 32], uri: Uri::try_from(uri).unwrap() });
	MachineProfile { kind, metadata }
}

#[test]
fn profile_should_change_as_the_owner_says() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		go_to(4);
		let document = profile(MachineKind::Drone, Some("ipfs://bafkreigh2akiscaildc"));
		assert_ok!(Identity::set_profile(origin(1), machine, document.clone()));
		System::assert_last_event(Event::ProfileSet { machine }.into());
		let info = Identity::machine_info(machine).unwrap();
		assert_eq!((info.profile, info.updated_at), (document, 4));

		// Nothing of the old document stays.
		let none = profile(MachineKind::Meter, None);
		assert_ok!(Identity::set_profile(origin(1), machine, none.clone()));
		assert_eq!(Identity::machine_info(machine).unwrap().profile, none);
		assert_eq!(Documents::<Test>::iter().count(), 0);
	});
}

#[test]
fn profile_should_be_refused_when_its_uri_is_invalid() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		for bad in ["", "no-scheme", "x:", "x:%zz", "x:ü"] {
			let bad = profile(MachineKind::Drone, Some(bad));
			assert_noop!(Identity::set_profile(origin(1), machine, bad), Error::<Test>::InvalidUri);
		}
	});
}

#[test]
fn profile_should_be_refused_when_a_stranger_or_the_device_sets_it() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		for who in [origin(2), device(0)] {
			assert_noop!(
				Identity::set_profile(who, machine, profile(MachineKind::Drone, None)),
				Error::<Test>::NotAuthorized
			);
		}
		assert_noop!(
			Identity::set_profile(origin(1), machine + 1, profile(MachineKind::Drone, None)),
			Error::<Test>::MachineNotFound
		);
	});
}
