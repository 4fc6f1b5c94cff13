//! What a node of LDK needs and this one has no use for: a log, a fee market, a chain to broadcast to,
//! a way to find routes.

use lightning::{
	bitcoin::{
		secp256k1::{PublicKey, Secp256k1, Signing, Verification},
		Transaction,
	},
	blinded_path::payment::{BlindedPaymentPath, ReceiveTlvs},
	chain::chaininterface::{BroadcasterInterface, ConfirmationTarget, FeeEstimator},
	ln::channel_state::ChannelDetails,
	routing::router::{InFlightHtlcs, Route, RouteParameters, Router},
	util::logger::{Logger, Record},
};

/// Says nothing, and has one fee for everything.
pub struct Silent;

impl Logger for Silent {
	fn log(&self, _: Record) {}
}

impl FeeEstimator for Silent {
	/// The lowest that there is.
	fn get_est_sat_per_1000_weight(&self, _: ConfirmationTarget) -> u32 {
		253
	}
}

impl BroadcasterInterface for Silent {
	fn broadcast_transactions(&self, _: &[&Transaction]) {}
}

impl Router for Silent {
	fn find_route(
		&self,
		_: &PublicKey,
		_: &RouteParameters,
		_: Option<&[&ChannelDetails]>,
		_: InFlightHtlcs,
	) -> Result<Route, &'static str> {
		Err("payments name their route")
	}

	fn create_blinded_payment_paths<T: Signing + Verification>(
		&self,
		_: PublicKey,
		_: Vec<ChannelDetails>,
		_: ReceiveTlvs,
		_: Option<u64>,
		_: &Secp256k1<T>,
	) -> Result<Vec<BlindedPaymentPath>, ()> {
		Err(())
	}
}
