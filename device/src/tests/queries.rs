//! Lists that come page by page.

use dam_primitives::{
	AttestationInfo, ClaimType, MachineStatus, ServiceInfo, ServiceKind, Subject, Unit, MAX_PAGE,
};

use super::mock::{key, machine, Mock};
use crate::{queries, services, AccountId, Usdt};

#[tokio::test]
async fn children_should_be_put_together_from_all_pages() {
	let mock = Mock::new(&key(3));
	let page = MAX_PAGE as usize;
	let (device, most) = (key(3), 2 * u64::from(MAX_PAGE));
	for id in 10..10 + most + 1 {
		let mut child = machine(id, &device);
		child.parent = Some(1);
		mock.state().machines.insert(id, child);
	}
	let count = |limit| {
		let mock = mock.clone();
		async move { queries::children(&mock, 1, limit).await.unwrap() }
	};
	let all = count(usize::MAX).await;
	assert_eq!(all, (10..10 + most + 1).collect::<Vec<_>>());
	for limit in [0, 1, page - 1, page, page + 1, 2 * page, 2 * page + 1] {
		assert_eq!(count(limit).await, all[..limit], "{limit}");
	}
	assert!(queries::children(&mock, 0, 5).await.unwrap().is_empty());
	// A list that fills its last page ends all the same.
	mock.state().machines.remove(&10);
	assert_eq!(count(usize::MAX).await.len(), 2 * page);
}

#[tokio::test]
async fn services_and_attestations_should_be_put_together_too() {
	let mock = Mock::new(&key(3));
	let price = Usdt::from_units(1);
	let service =
		services::service(ServiceKind::Data, Unit::Request, price, "https://a.example", None);
	let service = service.unwrap();
	for machine in 0..300 {
		let status = MachineStatus::Active;
		let info = ServiceInfo { machine, status, id: 0, service: service.clone() };
		mock.state().services.push(info);
	}
	let found = queries::services_by_kind(&mock, ServiceKind::Data, 1_000).await.unwrap();
	assert_eq!(found.len(), 300);
	assert!(found.windows(2).all(|pair| pair[0].machine < pair[1].machine));
	let none = queries::services_by_kind(&mock, ServiceKind::Toll, 1_000).await.unwrap();
	assert!(none.is_empty());

	let subject = Subject::Machine(7);
	for number in 0..300u16 {
		let mut attester = [0; 32];
		attester[..2].copy_from_slice(&number.to_be_bytes());
		let info = AttestationInfo {
			claim: ClaimType::Carbon,
			attester: AccountId::from(attester),
			evidence: [0; 32],
			issued_at: 1,
			expires_at: 900,
			revoked_at: None,
			valid: true,
		};
		mock.state().attestations.push((subject.clone(), info));
	}
	assert_eq!(queries::attestations(&mock, &subject, usize::MAX).await.unwrap().len(), 300);
	assert_eq!(queries::attestations(&mock, &subject, 257).await.unwrap().len(), 257);
	let other = Subject::Machine(8);
	assert!(queries::attestations(&mock, &other, 5).await.unwrap().is_empty());
}
