//! A payee on the loopback interface, and those who pay it, properly or not.

use std::{
	io::{Read, Write},
	net::{Ipv4Addr, SocketAddr, TcpStream},
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex,
	},
	thread,
	time::{Duration, Instant, SystemTime},
};

use codec::{DecodeAll, Encode};
use dam_payments::{
	Accepted, Acceptor, BlockClock, ChannelState, Limits, MemoryKey, PayError, Payer, Proven,
	SeenBlock, SharedAcceptor, Signer,
};
use dam_primitives::{exchange::Refusal, Answer, ChannelId, ChannelPayment, ClaimFailure, Payee};

use super::{channels::channel, mock};
use crate::{
	channels::{
		look,
		service::{Seller, Service, ServiceError, ServiceEvent, ServiceLimits},
		wire::{self, WireError},
		Session, SessionError,
	},
	Usdt,
};

const GENESIS: [u8; 32] = [1; 32];
const PATIENCE: Duration = Duration::from_secs(5);
const LIMITS: ServiceLimits = ServiceLimits {
	connections: 3,
	idle: Duration::from_millis(1_500),
	message: Duration::from_millis(400),
};

/// The state of channel `id`, paid by the key of that number.
fn state(id: u8) -> ChannelState {
	let mock = mock::Mock::new(&mock::key(3));
	mock.state().channels.insert(id.into(), channel(&mock::key(id)));
	let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
	let found = runtime.block_on(look(&mock, &[id.into()])).unwrap().channels.pop();
	let Some((_, Proven::Exists(state))) = found else { panic!("there is a channel {id}") };
	state
}

#[derive(Default)]
struct Watcher {
	follow: Mutex<Option<Arc<SharedAcceptor>>>,
	asked: AtomicU32,
	goods: bool,
	ended: Mutex<Vec<String>>,
	turned_away: AtomicU32,
}

impl Seller for Watcher {
	fn follow(&self, id: ChannelId) -> bool {
		self.asked.fetch_add(1, Ordering::SeqCst);
		let follow = self.follow.lock().unwrap();
		let Some(acceptor) = &*follow else { return false };
		acceptor.with(|acceptor| acceptor.observe(id, state(id as u8)).is_ok()).unwrap()
	}

	fn goods(&self, accepted: &Accepted) -> Option<Vec<u8>> {
		self.goods.then(|| format!("goods for {}", accepted.worth).into_bytes())
	}

	fn heard(&self, event: &ServiceEvent<'_>) {
		match event {
			ServiceEvent::Ended(_, why) => self.ended.lock().unwrap().push(format!("{why:?}")),
			ServiceEvent::TurnedAway(_) => {
				self.turned_away.fetch_add(1, Ordering::SeqCst);
			},
			_ => {},
		}
	}
}

struct Stall {
	service: Service,
	acceptor: Arc<SharedAcceptor>,
	watcher: Arc<Watcher>,
	folder: tempfile::TempDir,
}

fn loopback() -> SocketAddr {
	SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A payee that follows channels 5 and 6.
fn stall_with(watcher: Watcher, seen: Option<u32>) -> Stall {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("payee");
	let payee = Payee::Machine(1);
	let mut acceptor = Acceptor::open(&path, GENESIS, &payee, Limits::default()).unwrap();
	for id in [5, 6] {
		acceptor.observe(id, state(id as u8)).unwrap();
	}
	acceptor.commit().unwrap();
	let acceptor = Arc::new(SharedAcceptor::new(acceptor));
	let clock = Arc::new(BlockClock::new(Duration::from_secs(1)));
	if let Some(block) = seen {
		clock.saw(SeenBlock { number: block, built_at: SystemTime::now() });
	}
	let watcher = Arc::new(watcher);
	let service =
		Service::start(loopback(), acceptor.clone(), clock, LIMITS, watcher.clone()).unwrap();
	Stall { service, acceptor, watcher, folder }
}

fn stall() -> Stall {
	stall_with(Watcher::default(), Some(100))
}

/// Whoever pays through channel `id`.
fn payer(stall: &Stall, id: u8) -> (Payer, MemoryKey) {
	let path = stall.folder.path().join(format!("payer-{id}"));
	let mut payer = Payer::open(&path, GENESIS).unwrap();
	payer.observe(id.into(), state(id)).unwrap();
	(payer, MemoryKey::ed25519(&[id; 32]))
}

impl Stall {
	fn accepted(&self, id: ChannelId) -> u128 {
		self.acceptor.with(|acceptor| acceptor.status(id).unwrap().accepted).unwrap()
	}

	fn session(&self) -> Session {
		Session::connect(self.service.address()).unwrap()
	}

	fn raw(&self) -> TcpStream {
		let stream = TcpStream::connect(self.service.address()).unwrap();
		stream.set_read_timeout(Some(PATIENCE)).unwrap();
		stream
	}

	/// Why connections ended, once so many have.
	fn ended(&self, count: usize) -> Vec<String> {
		let start = Instant::now();
		loop {
			let ended = self.watcher.ended.lock().unwrap().clone();
			if ended.len() >= count || start.elapsed() > PATIENCE {
				return ended;
			}
			thread::sleep(Duration::from_millis(5));
		}
	}

	/// Another payer still gets through.
	fn check_alive(&self) {
		let (mut payer, key) = payer(self, 6);
		let payment = payer.pay(6, 1, &key).unwrap();
		self.session().pay(&payer, payment).unwrap();
	}
}

/// What is left to read until the other side closes.
fn drain(stream: &mut TcpStream) -> Vec<u8> {
	let mut rest = Vec::new();
	// A reset is an end, too.
	let _ = stream.read_to_end(&mut rest);
	rest
}

#[test]
fn payments_should_be_accepted_one_after_the_other() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let mut session = stall.session();
	for times in 1..=20 {
		let payment = payer.pay(5, 7, &key).unwrap();
		let paid = session.pay(&payer, payment).unwrap();
		assert_eq!(paid.accepted, Usdt::from_units(7 * times));
	}
	assert_eq!(stall.accepted(5), 140);
	drop(stall.service);
	// Its store has everything that was acknowledged.
	drop(stall.acceptor);
	let path = stall.folder.path().join("payee");
	let kept = Acceptor::open(&path, GENESIS, &Payee::Machine(1), Limits::default()).unwrap();
	assert_eq!(kept.status(5).unwrap().accepted, 140);
}

#[test]
fn a_voucher_should_count_once() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let first = payer.pay(5, 10, &key).unwrap();
	let second = payer.pay(5, 10, &key).unwrap();
	let mut session = stall.session();
	let refusal = Some(Refusal::Claim(ClaimFailure::NothingNew));
	let expected = Answer { channel: 5, accepted: 20, refusal: None };
	assert_eq!(session.exchange(&second).unwrap(), expected);
	for old in [first, second] {
		// From the same connection and from another one.
		for mut session in [stall.session(), stall.session()] {
			let answer = session.exchange(&old).unwrap();
			assert_eq!(answer, Answer { refusal, ..expected });
		}
	}
	assert_eq!(stall.accepted(5), 20);
}

#[test]
fn a_lost_payment_should_be_made_good_by_the_next() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let lost = payer.pay(5, 10, &key).unwrap();
	let next = payer.pay(5, 5, &key).unwrap();
	let mut session = stall.session();
	// The older one is sent: the session goes on until the payee has everything.
	assert_eq!(session.pay(&payer, lost).unwrap().accepted, Usdt::from_units(15));
	assert_eq!(session.pay(&payer, next).unwrap().accepted, Usdt::from_units(15));
	let error = payer.pay(5, 1_000_000, &key).unwrap_err();
	assert!(matches!(error, PayError::ExceedsDeposit { left: 999_985, .. }), "{error}");
}

#[test]
fn two_payers_at_once_should_not_mix() {
	let stall = stall();
	let address = stall.service.address();
	let threads: Vec<_> = [5, 6]
		.into_iter()
		.map(|id| {
			let (mut payer, key) = payer(&stall, id);
			thread::spawn(move || {
				let mut session = Session::connect(address).unwrap();
				for _ in 0..30 {
					let payment = payer.pay(id.into(), id.into(), &key).unwrap();
					session.pay(&payer, payment).unwrap();
				}
			})
		})
		.collect();
	for thread in threads {
		thread.join().unwrap();
	}
	assert_eq!((stall.accepted(5), stall.accepted(6)), (150, 180));
}

#[test]
fn messages_that_are_too_long_should_end_the_connection() {
	let stall = stall();
	for length in [94u16, u16::MAX] {
		let mut stream = stall.raw();
		stream.write_all(&length.to_le_bytes()).unwrap();
		assert!(drain(&mut stream).is_empty());
	}
	let ended = stall.ended(2);
	assert!(ended.len() == 2 && ended.iter().all(|why| why.starts_with("TooLong")), "{ended:?}");
	stall.check_alive();
}

#[test]
fn messages_that_make_no_sense_should_end_the_connection() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let good = payer.pay(5, 10, &key).unwrap().encode();
	let cut = good[..good.len() - 1].to_vec();
	let longer = [&good[..], &[0]].concat();
	let other = [&[9], &good[1..]].concat();
	for body in [vec![], vec![0], cut, longer, other] {
		let mut stream = stall.raw();
		wire::write(&mut stream, &body, PATIENCE).unwrap();
		assert!(drain(&mut stream).is_empty(), "{body:?}");
	}
	let ended = stall.ended(5);
	assert!(ended.len() == 5 && ended.iter().all(|why| why.starts_with("Malformed")), "{ended:?}");
	assert_eq!(stall.accepted(5), 0);
	stall.check_alive();
}

#[test]
fn half_messages_should_end_the_connection_in_time() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let payment = payer.pay(5, 10, &key).unwrap().encode();
	let mut frame = (payment.len() as u16).to_le_bytes().to_vec();
	frame.extend(&payment);
	for length in [1, 2, frame.len() - 1] {
		// Silent in the middle.
		let mut stream = stall.raw();
		stream.write_all(&frame[..length]).unwrap();
		assert!(drain(&mut stream).is_empty());
	}
	assert!(stall.ended(3).iter().all(|why| why.starts_with("TimedOut")));
	for length in [1, 2, frame.len() - 1] {
		// Gone in the middle.
		let mut stream = stall.raw();
		stream.write_all(&frame[..length]).unwrap();
		drop(stream);
	}
	let ended = stall.ended(6);
	assert!(ended.len() == 6 && ended[3..].iter().all(|why| why == "CutOff"), "{ended:?}");
	// One that trickles is no better than one that is silent.
	let mut stream = stall.raw();
	let start = Instant::now();
	for byte in &frame {
		if stream.write_all(&[*byte]).is_err() || start.elapsed() > PATIENCE {
			break;
		}
		thread::sleep(Duration::from_millis(40));
	}
	assert!(stall.ended(7).last().is_some_and(|why| why.starts_with("TimedOut")));
	assert_eq!(stall.accepted(5), 0);
	stall.check_alive();
}

#[test]
fn silent_connections_should_be_ended() {
	let stall = stall();
	let mut stream = stall.raw();
	assert!(drain(&mut stream).is_empty());
	assert!(stall.ended(1)[0].starts_with("TimedOut"));
	drop(stall.raw());
	assert_eq!(stall.ended(2)[1], "Closed");
	stall.check_alive();
}

#[test]
fn no_more_connections_should_be_taken_than_are_set() {
	let stall = stall();
	let kept: Vec<_> = (0..LIMITS.connections).map(|_| stall.session()).collect();
	// Each has a thread by the time that the last is turned away.
	let mut stream = stall.raw();
	assert!(drain(&mut stream).is_empty());
	assert_eq!(stall.watcher.turned_away.load(Ordering::SeqCst), 1);
	drop(kept);
	assert_eq!(stall.ended(LIMITS.connections).len(), LIMITS.connections);
	stall.check_alive();
}

#[test]
fn unknown_channels_should_be_looked_up_a_few_times() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 7);
	let payment = payer.pay(7, 10, &key).unwrap();
	let mut session = stall.session();
	for _ in 0..10 {
		let answer = session.exchange(&payment).unwrap();
		assert_eq!(answer.refusal, Some(Refusal::Claim(ClaimFailure::UnknownChannel)));
	}
	assert_eq!(stall.watcher.asked.load(Ordering::SeqCst), 4);
	let error = session.pay(&payer, payment).unwrap_err();
	assert!(matches!(error, SessionError::Refused { unpaid, .. } if unpaid.units() == 10));

	// One that is found is paid through at once.
	*stall.watcher.follow.lock().unwrap() = Some(stall.acceptor.clone());
	let paid = stall.session().pay(&payer, payment).unwrap();
	assert_eq!(paid.accepted, Usdt::from_units(10));
}

#[test]
fn nothing_should_be_accepted_before_a_block_was_seen() {
	let stall = stall_with(Watcher::default(), None);
	let (mut payer, key) = payer(&stall, 5);
	let payment = payer.pay(5, 10, &key).unwrap();
	let answer = stall.session().exchange(&payment).unwrap();
	assert_eq!(answer, Answer { channel: 5, accepted: 0, refusal: Some(Refusal::StateTooOld) });
}

#[test]
fn payments_by_another_key_should_be_refused() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let ChannelPayment::Voucher(mut voucher) = payer.pay(5, 10, &key).unwrap() else {
		panic!("it is a voucher")
	};
	voucher.signature = MemoryKey::ed25519(&[9; 32]).sign(b"something");
	let answer = stall.session().exchange(&ChannelPayment::Voucher(voucher)).unwrap();
	assert_eq!(answer.refusal, Some(Refusal::Claim(ClaimFailure::InvalidProof)));
	assert_eq!(stall.accepted(5), 0);
}

#[test]
fn data_should_come_with_what_was_accepted_and_with_nothing_else() {
	let stall = stall_with(Watcher { goods: true, ..Watcher::default() }, Some(100));
	let (mut payer, key) = payer(&stall, 5);
	let payment = payer.pay(5, 10, &key).unwrap();
	let mut session = stall.session();
	session.pay(&payer, payment).unwrap();
	assert_eq!(session.goods().unwrap(), b"goods for 10");
	// Refused: the next thing that comes is the answer to the next payment.
	assert!(session.exchange(&payment).unwrap().refusal.is_some());
	let next = payer.pay(5, 3, &key).unwrap();
	assert!(session.exchange(&next).unwrap().refusal.is_none());
	assert_eq!(session.goods().unwrap(), b"goods for 3");
}

#[test]
fn a_stopped_service_should_end_its_connections() {
	let mut stall = stall();
	let mut stream = stall.raw();
	let address = stall.service.address();
	stall.check_alive();
	stall.service.stop();
	assert!(drain(&mut stream).is_empty());
	assert!(matches!(Session::connect(address), Err(SessionError::Connect { .. })));
}

#[test]
fn an_address_that_is_taken_should_be_named() {
	let stall = stall();
	let taken = stall.service.address();
	let clock = Arc::new(BlockClock::new(Duration::from_secs(1)));
	let again = Service::start(taken, stall.acceptor.clone(), clock, LIMITS, stall.watcher.clone());
	let error = again.unwrap_err();
	assert!(matches!(error, ServiceError::Listen { address, .. } if address == taken), "{error}");
}

/// A payee that answers whatever it likes.
fn liar(answer: Vec<u8>) -> SocketAddr {
	let listener = std::net::TcpListener::bind(loopback()).unwrap();
	let address = listener.local_addr().unwrap();
	thread::spawn(move || {
		let (mut stream, _) = listener.accept().unwrap();
		let read = wire::read(&mut stream, 93, PATIENCE, PATIENCE).unwrap();
		ChannelPayment::decode_all(&mut &read[..]).unwrap();
		wire::write(&mut stream, &answer, PATIENCE).unwrap();
		drain(&mut stream);
	});
	address
}

#[test]
fn payers_should_not_believe_everything() {
	let stall = stall();
	let (mut payer, key) = payer(&stall, 5);
	let payment = payer.pay(5, 10, &key).unwrap();
	let says =
		|answer: Vec<u8>| Session::connect(liar(answer)).unwrap().pay(&payer, payment).unwrap_err();
	let too_much = says(Answer { channel: 5, accepted: 11, refusal: None }.encode());
	assert!(matches!(too_much, SessionError::Impossible(_)), "{too_much}");
	let other = says(Answer { channel: 6, accepted: 10, refusal: None }.encode());
	assert!(matches!(other, SessionError::OtherChannel), "{other}");
	let garbage = says(vec![9; 3]);
	assert!(matches!(garbage, SessionError::Wire(WireError::Malformed(_))), "{garbage}");
	let long = says(vec![0; 30]);
	let expected = WireError::TooLong { found: 30, most: 29 };
	assert!(
		matches!(&long, SessionError::Wire(error) if error.to_string() == expected.to_string())
	);
}
