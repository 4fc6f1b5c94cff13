//! Killing payees.

use super::*;

pub fn kill_payees(random: &mut StdRng) {
	let folder = folder("crash-payee");
	let path = folder.join("store");
	let path = path.to_str().expect("the path is text");
	let mut world = World::new();
	let (mut killed_busy, mut unheard) = (0, 0);
	let begun = Instant::now();
	for life in 0..PAYEE_LIVES {
		let mut child = start(&["payee", path, &world.block.to_string()]);
		let messages = listen::<FromPayee>(&mut child);
		let mut stdin = child.stdin.take().expect("it is piped");
		// One of five is killed while it opens its store, or before it has one.
		if life % 5 == 4 {
			let _ = send(&mut stdin, &ToPayee::States(world.states()));
			thread::sleep(Duration::from_micros(random.gen_range(0..20_000)));
		} else {
			send(&mut stdin, &ToPayee::States(world.states())).expect("the child reads");
			send(&mut stdin, &ToPayee::Report).expect("the child reads");
			let report = wait_for(&messages, &mut world);
			let FromPayee::Report(accepted, _) = &report else { unreachable!() };
			let acknowledged = |id| world.acknowledged.get(id).copied().unwrap_or(0);
			unheard += accepted.iter().filter(|(id, known)| *known > acknowledged(id)).count();
			world.hear(report);
			if pay_until_killed(&mut child, stdin, &messages, &mut world, random) {
				killed_busy += 1;
			}
		}
		if child.try_wait().expect("the child is ours").is_none() {
			kill(&mut child);
		}
		// Whatever was said before the end was said.
		while let Ok(message) = messages.recv_timeout(PATIENCE) {
			world.hear(message);
		}
		world.pass(BLOCKS, random, false);
	}

	// A last life, which nobody ends: everything is claimed.
	let final_accepted = settle_everything(path, &mut world, random);
	for (id, accepted) in &final_accepted {
		assert_eq!(world.channels[id].settled, *accepted, "channel {id}");
		assert!(*accepted >= world.acknowledged.get(id).copied().unwrap_or(0), "channel {id}");
		assert!(*accepted <= world.sent.get(id).copied().unwrap_or(0), "channel {id}");
	}
	let total: u128 = final_accepted.iter().map(|(_, accepted)| accepted).sum();
	assert_eq!(world.paid, total, "every unit was paid once");
	let acknowledged: u128 = world.acknowledged.values().sum();
	println!(
		"payee: killed {PAYEE_LIVES} times, {killed_busy} of them with payments on their way; {} units \
		 acknowledged, {total} settled by {} claims in {} batches; {unheard} times a channel had \
		 accepted what the payer never heard of; {:.1} s",
		acknowledged,
		world.settled,
		world.batches.len(),
		begun.elapsed().as_secs_f32(),
	);
	assert!(killed_busy >= PAYEE_LIVES / 2, "the payee was mostly killed while it was idle");
	assert!(acknowledged > 1_000 && world.settled > 20, "too little happened to mean anything");
	std::fs::remove_dir_all(folder).expect("it is ours");
}

/// The next report; everything before it is heard.
pub fn wait_for(messages: &mpsc::Receiver<FromPayee>, world: &mut World) -> FromPayee {
	loop {
		match messages.recv_timeout(PATIENCE).expect("the child answers") {
			report @ FromPayee::Report(..) => return report,
			other => world.hear(other),
		}
	}
}

/// Pays as fast as the pipe takes it and kills the payee at a random moment; returns whether
/// payments were on their way then.
pub fn pay_until_killed(
	child: &mut Child,
	mut stdin: ChildStdin,
	messages: &mpsc::Receiver<FromPayee>,
	world: &mut World,
	random: &mut StdRng,
) -> bool {
	// The pipe can be full: then the payee is killed while it has more to do than it can.
	let ends = Instant::now() + Duration::from_micros(random.gen_range(500..40_000));
	let (sender, receiver) = mpsc::sync_channel::<ChannelPayment>(1);
	let writer = thread::spawn(move || {
		for payment in receiver {
			if send(&mut stdin, &ToPayee::Pay(payment)).is_err() {
				return;
			}
		}
	});
	let (mut paid, mut heard) = (0u32, 0u32);
	let mut next = Some(world.payment(random.gen_range(0..CHANNELS), random));
	while Instant::now() < ends {
		while let Ok(message) = messages.try_recv() {
			heard += u32::from(matches!(message, FromPayee::Answer(_)));
			world.hear(message);
		}
		match sender.try_send(next.take().expect("there is always a next one")) {
			Ok(()) => {
				paid += 1;
				next = Some(world.payment(random.gen_range(0..CHANNELS), random));
			},
			Err(mpsc::TrySendError::Full(payment)) => {
				next = Some(payment);
				thread::sleep(Duration::from_micros(50));
			},
			Err(mpsc::TrySendError::Disconnected(_)) => panic!("the child stopped reading"),
		}
	}
	kill(child);
	drop(sender);
	writer.join().expect("the writer does not panic");
	paid > heard
}

pub fn settle_everything(
	path: &str,
	world: &mut World,
	random: &mut StdRng,
) -> Vec<(ChannelId, u128)> {
	for _ in 0..10 {
		let mut child = start(&["payee", path, &world.block.to_string()]);
		let messages = listen::<FromPayee>(&mut child);
		let mut stdin = child.stdin.take().expect("it is piped");
		send(&mut stdin, &ToPayee::States(world.states())).expect("the child reads");
		// Time to plan.
		thread::sleep(Duration::from_millis(100));
		send(&mut stdin, &ToPayee::Report).expect("the child reads");
		let report = wait_for(&messages, world);
		let FromPayee::Report(accepted, under_way) = &report else { unreachable!() };
		let (accepted, under_way) = (accepted.clone(), under_way.len());
		world.hear(report);
		drop(stdin);
		assert!(child.wait().expect("the child is ours").success());
		let settled = |(id, accepted): &(ChannelId, u128)| world.channels[id].settled == *accepted;
		if under_way == 0 && accepted.iter().all(settled) {
			return accepted;
		}
		world.pass(POLICY.lifetime + BLOCKS, random, true);
	}
	panic!("not everything was settled in the end");
}
