//! Killing payers.

use super::*;

pub fn kill_payers(random: &mut StdRng) {
	let folder = folder("crash-payer");
	let path = folder.join("store");
	let path = path.to_str().expect("the path is text");
	let vouchers = state(channel(Lock::Vouchers { signer: key().public() }), 1_000);
	let mut states: Vec<(ChannelId, ChannelState)> = vec![(0, vouchers)];
	let mut given: BTreeMap<ChannelId, (u128, ChannelPayment)> = BTreeMap::new();
	let mut nonces = BTreeSet::new();
	let (mut promises, mut unheard) = (0u32, 0u32);
	for life in 0..PAYER_LIVES {
		let mut child = start(&["payer", path]);
		let messages = listen::<FromPayer>(&mut child);
		let mut stdin = child.stdin.take().expect("it is piped");
		if states.len() == 1 {
			let first = messages.recv_timeout(PATIENCE).expect("the child makes a chain");
			let FromPayer::Terms(Terms::HashChain { root, length, unit }) = first else {
				panic!("the child says its terms first");
			};
			let lock = Lock::HashChain { link: root, index: 0, length, unit };
			states.push((1, state(channel(lock), 1_000)));
		}
		send(&mut stdin, &states).expect("the child reads");
		let mut first = true;
		// One of five is killed while it opens its store, the others while they promise.
		let soon = Instant::now() + Duration::from_micros(random.gen_range(0..20_000));
		let mut ends = if life % 5 == 4 { soon } else { Instant::now() + PATIENCE };
		let mut killed = false;
		loop {
			let message = if killed {
				// Whatever was said before the end was said.
				messages.recv_timeout(PATIENCE).ok()
			} else {
				match messages.recv_timeout(ends.saturating_duration_since(Instant::now())) {
					Ok(message) => Some(message),
					Err(mpsc::RecvTimeoutError::Timeout) => None,
					Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the child ended"),
				}
			};
			match message {
				None if killed => break,
				None => {},
				Some(FromPayer::Terms(_)) => panic!("it has a chain already"),
				Some(FromPayer::Status(status)) => {
					first = false;
					let lives = Duration::from_micros(random.gen_range(500..80_000));
					ends = ends.min(Instant::now() + lives);
					for (id, promised, last) in status {
						let Some((amount, payment)) = given.get(&id) else { continue };
						assert!(promised >= *amount, "channel {id}: a promise was forgotten");
						unheard += u32::from(promised > *amount);
						assert!(promised > *amount || last == Some(*payment), "channel {id}");
					}
				},
				Some(FromPayer::Payment(payment)) => {
					assert!(!first, "the child says its status first");
					let amount = match payment {
						ChannelPayment::Voucher(voucher) => voucher.amount,
						ChannelPayment::Link(revealed) => u128::from(revealed.index) * UNIT,
					};
					let before = given.insert(payment.channel(), (amount, payment));
					assert!(before.is_none_or(|(before, _)| amount > before), "promised again");
					promises += 1;
				},
				Some(FromPayer::Intent(signed)) => {
					assert!(nonces.insert(signed.intent.nonce), "a nonce was used twice");
				},
			}
			if !killed && Instant::now() >= ends {
				kill(&mut child);
				killed = true;
			}
		}
		drop(stdin);
	}
	println!(
		"payer: killed {PAYER_LIVES} times; {promises} promises and {} nonces, none twice; {unheard} \
		 times a promise was on disk that nobody had heard of",
		nonces.len()
	);
	assert!(promises > PAYER_LIVES, "too little happened to mean anything");
	std::fs::remove_dir_all(folder).expect("it is ours");
}
