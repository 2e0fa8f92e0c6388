-- The schema of migration 0010 on SQLite, frozen: upgrades start from it in tests.
BEGIN TRANSACTION;
CREATE TABLE account (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	network VARCHAR(32) NOT NULL, 
	handle TEXT NOT NULL, 
	server TEXT NOT NULL, 
	remote_id TEXT NOT NULL, 
	slots TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	blocked_reason TEXT, 
	stopped_reason TEXT, 
	failures INTEGER NOT NULL, 
	open_until_boot_s FLOAT, 
	open_boot_id VARCHAR(64), 
	next_read_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT fk_account_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_account_brand_id_network_server_remote_id UNIQUE (brand_id, network, server, remote_id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0010');
CREATE TABLE api_key (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	name TEXT NOT NULL, 
	prefix VARCHAR(16) NOT NULL, 
	key_hash VARCHAR(64) NOT NULL, 
	scope VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by TEXT NOT NULL, 
	used_on DATE, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_key PRIMARY KEY (id), 
	CONSTRAINT fk_api_key_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_api_key_brand_id_key_hash UNIQUE (brand_id, key_hash), 
	CONSTRAINT uq_api_key_brand_id_prefix UNIQUE (brand_id, prefix)
);
CREATE TABLE article (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	source_id VARCHAR(26), 
	identity TEXT NOT NULL, 
	url TEXT NOT NULL, 
	content TEXT NOT NULL, 
	title TEXT NOT NULL, 
	published_at DATETIME, 
	read_at DATETIME NOT NULL, 
	decision VARCHAR(16) NOT NULL, 
	decision_reason TEXT NOT NULL, 
	CONSTRAINT pk_article PRIMARY KEY (id), 
	CONSTRAINT fk_article_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_article_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_article_brand_id_identity UNIQUE (brand_id, identity)
);
CREATE TABLE attempt (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	delivery_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	number INTEGER NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	epoch INTEGER NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	started_at DATETIME NOT NULL, 
	started_boot_s FLOAT NOT NULL, 
	boot_id VARCHAR(64) NOT NULL, 
	finished_at DATETIME, 
	outcome VARCHAR(32), 
	detail TEXT, 
	CONSTRAINT pk_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_attempt_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_attempt_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id)
);
CREATE TABLE brand (
	id VARCHAR(26) NOT NULL, 
	slug VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	link_mode VARCHAR(16) NOT NULL, 
	public_url TEXT, 
	auto_publish BOOLEAN NOT NULL, 
	stopped_reason TEXT, 
	created_at DATETIME NOT NULL, reactors BOOLEAN DEFAULT '0' NOT NULL, ask_hours BOOLEAN DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_brand PRIMARY KEY (id), 
	CONSTRAINT uq_brand_slug UNIQUE (slug)
);
CREATE TABLE budget (
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	day_micros BIGINT, 
	month_micros BIGINT, 
	told_day DATE, 
	told_month DATE, 
	CONSTRAINT pk_budget PRIMARY KEY (brand_id, account_id, currency), 
	CONSTRAINT fk_budget_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE click_id (
	brand_id VARCHAR(26) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_click_id PRIMARY KEY (brand_id, id), 
	CONSTRAINT fk_click_id_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE client (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	person VARCHAR(64), 
	name TEXT, 
	since DATETIME NOT NULL, bought_at DATETIME, 
	CONSTRAINT pk_client PRIMARY KEY (id), 
	CONSTRAINT fk_client_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_client_brand_id_person UNIQUE (brand_id, person)
);
CREATE TABLE client_alias (
	brand_id VARCHAR(26) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	client_id VARCHAR(26) NOT NULL, 
	CONSTRAINT pk_client_alias PRIMARY KEY (brand_id, person), 
	CONSTRAINT fk_client_alias_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_client_alias_client_id FOREIGN KEY(client_id) REFERENCES client (id)
);
CREATE TABLE credential (
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	ciphertext BLOB NOT NULL, 
	updated_at DATETIME NOT NULL, expires_at DATETIME, scopes TEXT, connected_at DATETIME, problem TEXT, warned_days INTEGER, 
	CONSTRAINT pk_credential PRIMARY KEY (brand_id, account_id, name), 
	CONSTRAINT fk_credential_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE day_count (
	brand_id VARCHAR(26) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	judgement VARCHAR(16) NOT NULL, 
	hits BIGINT NOT NULL, 
	CONSTRAINT pk_day_count PRIMARY KEY (brand_id, code, day, judgement), 
	CONSTRAINT fk_day_count_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE dead_name (
	brand_id VARCHAR(26) NOT NULL, 
	network VARCHAR(32) NOT NULL, 
	provider_name VARCHAR(128) NOT NULL, 
	reason TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	asked_at DATETIME NOT NULL, 
	CONSTRAINT pk_dead_name PRIMARY KEY (brand_id, network, provider_name), 
	CONSTRAINT fk_dead_name_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE deal (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	client_id VARCHAR(26) NOT NULL, 
	lead_id VARCHAR(26), 
	source VARCHAR(32) NOT NULL, 
	source_id TEXT NOT NULL, 
	won_at DATETIME NOT NULL, 
	amount_minor BIGINT, 
	margin_minor BIGINT, 
	currency VARCHAR(3), 
	"returning" BOOLEAN NOT NULL, 
	file_sha256 VARCHAR(64), 
	file_line INTEGER, 
	recorded_at DATETIME NOT NULL, returning_told BOOLEAN DEFAULT '0' NOT NULL, file_part TEXT, 
	CONSTRAINT pk_deal PRIMARY KEY (id), 
	CONSTRAINT fk_deal_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_deal_client_id FOREIGN KEY(client_id) REFERENCES client (id), 
	CONSTRAINT fk_deal_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT uq_deal_brand_id_source_id UNIQUE (brand_id, source_id)
);
CREATE TABLE deal_change (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	deal_id VARCHAR(26) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	refund_minor BIGINT, 
	won_at_before DATETIME NOT NULL, 
	amount_minor_before BIGINT, 
	margin_minor_before BIGINT, 
	currency_before VARCHAR(3), 
	won_at DATETIME NOT NULL, 
	amount_minor BIGINT, 
	margin_minor BIGINT, 
	currency VARCHAR(3), 
	reason TEXT, 
	source VARCHAR(32) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_deal_change PRIMARY KEY (id), 
	CONSTRAINT fk_deal_change_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_deal_change_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id)
);
CREATE TABLE delivery (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	article_id VARCHAR(26), 
	parent_id VARCHAR(26), 
	revision INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT, 
	teaser TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	record_key VARCHAR(16) NOT NULL, 
	due_at DATETIME NOT NULL, 
	due_local VARCHAR(32) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	tzdata VARCHAR(16) NOT NULL, 
	late_policy VARCHAR(16) NOT NULL, 
	window_s INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	owner VARCHAR(64), 
	attempts INTEGER NOT NULL, 
	ambiguous BOOLEAN NOT NULL, 
	absences INTEGER NOT NULL, 
	looks INTEGER NOT NULL, 
	readable_only BOOLEAN NOT NULL, 
	refused_as_repeat BOOLEAN NOT NULL, 
	first_sent_at DATETIME, 
	first_sent_boot_s FLOAT, 
	first_sent_boot_id VARCHAR(64), 
	last_sent_boot_s FLOAT, 
	last_sent_boot_id VARCHAR(64), 
	next_boot_s FLOAT, 
	next_boot_id VARCHAR(64), 
	next_at DATETIME, 
	handle TEXT, 
	remote_id TEXT, 
	remote_url TEXT, 
	evidence TEXT, 
	published_at DATETIME, 
	verified_at DATETIME, 
	verified_evidence TEXT, 
	approved_at DATETIME, 
	approved_by TEXT, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_delivery_article_id FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT fk_delivery_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_delivery_code UNIQUE (code)
);
CREATE TABLE "effort" (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	channel TEXT NOT NULL, 
	start DATE NOT NULL, 
	days INTEGER NOT NULL, 
	hours NUMERIC(10, 4), 
	fees_minor BIGINT, 
	currency VARCHAR(3), 
	source VARCHAR(32) NOT NULL, 
	source_id TEXT NOT NULL, file_sha256 VARCHAR(64), file_line INTEGER, file_part TEXT, 
	CONSTRAINT pk_effort PRIMARY KEY (id), 
	CONSTRAINT fk_effort_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_effort_brand_id_source_source_id UNIQUE (brand_id, source, source_id)
);
CREATE TABLE erased (
	brand_id VARCHAR(26) NOT NULL, 
	mark VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_erased PRIMARY KEY (brand_id, mark), 
	CONSTRAINT fk_erased_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE event (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	what VARCHAR(32) NOT NULL, 
	subject_id VARCHAR(64) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id), 
	CONSTRAINT fk_event_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE experiment (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	hypothesis_id VARCHAR(26) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	first_day DATE NOT NULL, 
	ends_at DATETIME NOT NULL, 
	started_at DATETIME NOT NULL, 
	started_by TEXT NOT NULL, 
	stopped_at DATETIME, 
	stopped_why TEXT, 
	unblinded_at DATETIME, 
	CONSTRAINT pk_experiment PRIMARY KEY (id), 
	CONSTRAINT fk_experiment_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_experiment_hypothesis_id FOREIGN KEY(hypothesis_id) REFERENCES hypothesis (id), 
	CONSTRAINT uq_experiment_brand_id_key UNIQUE (brand_id, "key")
);
CREATE TABLE experiment_post (
	brand_id VARCHAR(26) NOT NULL, 
	experiment_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	number INTEGER NOT NULL, 
	delivery_id VARCHAR(26) NOT NULL, 
	arm VARCHAR(32) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	drawn_at DATETIME NOT NULL, 
	CONSTRAINT pk_experiment_post PRIMARY KEY (experiment_id, account_id, number), 
	CONSTRAINT fk_experiment_post_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_experiment_post_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiment (id), 
	CONSTRAINT fk_experiment_post_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_experiment_post_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id), 
	CONSTRAINT uq_experiment_post_delivery_id UNIQUE (delivery_id)
);
CREATE TABLE experiment_week (
	brand_id VARCHAR(26) NOT NULL, 
	experiment_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	number INTEGER NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	arm VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_experiment_week PRIMARY KEY (experiment_id, account_id, number), 
	CONSTRAINT fk_experiment_week_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_experiment_week_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiment (id), 
	CONSTRAINT fk_experiment_week_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE gathering (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	source_id VARCHAR(26) NOT NULL, 
	identity TEXT NOT NULL, 
	series TEXT NOT NULL, 
	network VARCHAR(32), 
	title TEXT NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME, 
	zone VARCHAR(64) NOT NULL, 
	all_day BOOLEAN NOT NULL, 
	place TEXT, 
	url TEXT, 
	cancelled BOOLEAN NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_gathering PRIMARY KEY (id), 
	CONSTRAINT fk_gathering_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_gathering_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_gathering_brand_id_source_id_identity UNIQUE (brand_id, source_id, identity)
);
CREATE TABLE "hit" (
	brand_id VARCHAR(26) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	segment VARCHAR(64) NOT NULL, 
	"offset" BIGINT NOT NULL, 
	method VARCHAR(8) NOT NULL, 
	host TEXT NOT NULL, 
	user_agent TEXT NOT NULL, 
	referrer TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	judgement VARCHAR(16) NOT NULL, 
	rule VARCHAR(64) NOT NULL, 
	ruleset VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_hit PRIMARY KEY (brand_id, code, at, segment, "offset"), 
	CONSTRAINT fk_hit_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
)
 WITHOUT ROWID

;
CREATE TABLE hypothesis (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	locked_at DATETIME NOT NULL, 
	looked TEXT, 
	CONSTRAINT pk_hypothesis PRIMARY KEY (id), 
	CONSTRAINT fk_hypothesis_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_hypothesis_brand_id_key UNIQUE (brand_id, "key")
);
CREATE TABLE imported_file (
	brand_id VARCHAR(26) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	kind VARCHAR(48) NOT NULL, 
	rows INTEGER NOT NULL, 
	added INTEGER NOT NULL, 
	imported_at DATETIME NOT NULL, 
	CONSTRAINT pk_imported_file PRIMARY KEY (brand_id, sha256), 
	CONSTRAINT fk_imported_file_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE installation (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (name)
);
CREATE TABLE interruption (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	stopped VARCHAR(64) NOT NULL, 
	since DATE NOT NULL, 
	until DATE, 
	why TEXT, 
	moved_to VARCHAR(64), 
	declared_at DATETIME NOT NULL, 
	declared_by TEXT NOT NULL, 
	looked_kind VARCHAR(16), 
	looked_at DATETIME, 
	withdrawn_at DATETIME, 
	withdrawn_by TEXT, 
	CONSTRAINT pk_interruption PRIMARY KEY (id), 
	CONSTRAINT fk_interruption_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE lead (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	source_id TEXT NOT NULL, 
	contacted_at DATETIME NOT NULL, 
	channel TEXT, 
	told TEXT, 
	told_channel TEXT, 
	code VARCHAR(64), 
	person VARCHAR(64), 
	file_sha256 VARCHAR(64), 
	file_line INTEGER, 
	recorded_at DATETIME NOT NULL, referrer_kind VARCHAR(8), referrer TEXT, file_part TEXT, 
	CONSTRAINT pk_lead PRIMARY KEY (id), 
	CONSTRAINT fk_lead_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_lead_brand_id_source_id UNIQUE (brand_id, source_id)
);
CREATE TABLE lead_click_id (
	brand_id VARCHAR(26) NOT NULL, 
	lead_id VARCHAR(26) NOT NULL, 
	click_id VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_lead_click_id PRIMARY KEY (brand_id, lead_id, click_id), 
	CONSTRAINT fk_lead_click_id_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_lead_click_id_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE lead_handle (
	brand_id VARCHAR(26) NOT NULL, 
	lead_id VARCHAR(26) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	network VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_lead_handle PRIMARY KEY (brand_id, lead_id, person), 
	CONSTRAINT fk_lead_handle_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_lead_handle_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE lead_stage (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	lead_id VARCHAR(26) NOT NULL, 
	stage VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	amount_minor BIGINT, 
	currency VARCHAR(3), 
	reason TEXT, 
	competitor TEXT, 
	corrects VARCHAR(26), 
	source VARCHAR(32) NOT NULL, 
	file_sha256 VARCHAR(64), 
	file_line INTEGER, 
	file_part TEXT, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_lead_stage PRIMARY KEY (id), 
	CONSTRAINT fk_lead_stage_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_lead_stage_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE link (
	code VARCHAR(64) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	delivery_id VARCHAR(26), 
	account_id VARCHAR(26), 
	target TEXT NOT NULL, 
	disabled_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (code), 
	CONSTRAINT fk_link_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE look (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_look PRIMARY KEY (id), 
	CONSTRAINT fk_look_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE notice (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26), 
	account_id VARCHAR(26), 
	delivery_id VARCHAR(26), 
	kind VARCHAR(32) NOT NULL, 
	text TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	stored_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	tried_at DATETIME, 
	told_at DATETIME, 
	told_by VARCHAR(64), 
	CONSTRAINT pk_notice PRIMARY KEY (id)
);
CREATE TABLE post (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	delivery_id VARCHAR(26), 
	network VARCHAR(32) NOT NULL, 
	remote_id TEXT NOT NULL, 
	url TEXT, 
	text TEXT, 
	code VARCHAR(64), 
	published_at DATETIME, 
	published_reason TEXT, 
	next_read_at DATETIME, 
	deleted_at DATETIME, adopted_at DATETIME, missing_since DATETIME, 
	CONSTRAINT pk_post PRIMARY KEY (id), 
	CONSTRAINT fk_post_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_post_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_post_brand_id_account_id_remote_id UNIQUE (brand_id, account_id, remote_id)
);
CREATE TABLE privacy (
	brand_id VARCHAR(26) NOT NULL, 
	mode VARCHAR(16) NOT NULL, 
	legal_basis TEXT, 
	sites TEXT NOT NULL, 
	referrer BOOLEAN NOT NULL, 
	user_agent BOOLEAN NOT NULL, 
	keep_hits INTEGER NOT NULL, 
	keep_visits INTEGER NOT NULL, 
	CONSTRAINT pk_privacy PRIMARY KEY (brand_id), 
	CONSTRAINT fk_privacy_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE reaction (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	post_id VARCHAR(26) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	also VARCHAR(64), 
	at DATETIME, 
	read_at DATETIME NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_reaction PRIMARY KEY (id), 
	CONSTRAINT fk_reaction_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_reaction_post_id FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT uq_reaction_brand_id_post_id_kind_person UNIQUE (brand_id, post_id, kind, person)
);
CREATE TABLE reading (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	post_id VARCHAR(26), 
	metric VARCHAR(48) NOT NULL, 
	provider_name TEXT NOT NULL, 
	provider_version TEXT, 
	value FLOAT, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT, 
	read_at DATETIME NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	file_sha256 VARCHAR(64), 
	file_line INTEGER, since DATETIME, until DATETIME, file_part TEXT, 
	CONSTRAINT pk_reading PRIMARY KEY (id), 
	CONSTRAINT fk_reading_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE received (
	brand_id VARCHAR(26) NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_received PRIMARY KEY (brand_id, event, content), 
	CONSTRAINT fk_received_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE removed (
	brand_id VARCHAR(26) NOT NULL, 
	mark VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_removed PRIMARY KEY (brand_id, mark), 
	CONSTRAINT fk_removed_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE segment (
	name VARCHAR(64) NOT NULL, 
	"offset" BIGINT NOT NULL, 
	torn_bytes BIGINT NOT NULL, 
	folded_at DATETIME NOT NULL, 
	CONSTRAINT pk_segment PRIMARY KEY (name)
);
CREATE TABLE source (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	address TEXT NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	seeded_at DATETIME, 
	last_read_at DATETIME, 
	last_problem TEXT, 
	next_read_at DATETIME, 
	CONSTRAINT pk_source PRIMARY KEY (id), 
	CONSTRAINT fk_source_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT uq_source_brand_id_kind_address UNIQUE (brand_id, kind, address)
);
CREATE TABLE spend (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	account_id VARCHAR(26) NOT NULL, 
	delivery_id VARCHAR(26), 
	attempt_id VARCHAR(26), 
	action VARCHAR(48) NOT NULL, 
	units INTEGER NOT NULL, 
	micros BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	certainty VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_spend PRIMARY KEY (id), 
	CONSTRAINT fk_spend_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE tally (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	tool VARCHAR(32) NOT NULL, 
	metric VARCHAR(64) NOT NULL, 
	"by" TEXT NOT NULL, 
	start DATE NOT NULL, 
	"end" DATE NOT NULL, 
	value NUMERIC(20, 4), 
	additive BOOLEAN NOT NULL, 
	reason TEXT, 
	site TEXT, 
	source TEXT, 
	medium TEXT, 
	campaign TEXT, 
	content TEXT, 
	term TEXT, 
	page TEXT, 
	label TEXT, 
	channel_group TEXT, 
	network VARCHAR(32), 
	code VARCHAR(64), 
	file_sha256 VARCHAR(64) NOT NULL, 
	file_line INTEGER NOT NULL, 
	file_part TEXT, 
	recorded_at DATETIME NOT NULL, 
	superseded_at DATETIME, 
	CONSTRAINT pk_tally PRIMARY KEY (id), 
	CONSTRAINT fk_tally_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE timer (
	brand_id VARCHAR(26) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	started_at DATETIME NOT NULL, 
	CONSTRAINT pk_timer PRIMARY KEY (brand_id, channel), 
	CONSTRAINT fk_timer_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE touchpoint (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	lead_id VARCHAR(26) NOT NULL, 
	position INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	at DATETIME, 
	note TEXT, gathering_id VARCHAR(26), code VARCHAR(64), 
	CONSTRAINT pk_touchpoint PRIMARY KEY (id), 
	CONSTRAINT fk_touchpoint_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_touchpoint_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE unknown_hit (
	segment VARCHAR(64) NOT NULL, 
	"offset" BIGINT NOT NULL, 
	code TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	method VARCHAR(8) NOT NULL, 
	host TEXT NOT NULL, 
	user_agent TEXT NOT NULL, 
	referrer TEXT NOT NULL, 
	CONSTRAINT pk_unknown_hit PRIMARY KEY (segment, "offset")
);
CREATE TABLE user (
	id VARCHAR(26) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	password_hash TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	failed_at DATETIME, 
	CONSTRAINT pk_user PRIMARY KEY (id), 
	CONSTRAINT uq_user_name UNIQUE (name)
);
CREATE TABLE user_brand (
	brand_id VARCHAR(26) NOT NULL, 
	user_id VARCHAR(26) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_user_brand PRIMARY KEY (brand_id, user_id), 
	CONSTRAINT fk_user_brand_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id), 
	CONSTRAINT fk_user_brand_user_id FOREIGN KEY(user_id) REFERENCES user (id)
);
CREATE TABLE user_session (
	token_hash VARCHAR(64) NOT NULL, 
	user_id VARCHAR(26) NOT NULL, 
	started_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_user_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_user_session_user_id FOREIGN KEY(user_id) REFERENCES user (id)
);
CREATE TABLE visit (
	id VARCHAR(26) NOT NULL, 
	brand_id VARCHAR(26) NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	pages INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	network VARCHAR(32) NOT NULL, 
	source TEXT NOT NULL, 
	medium TEXT NOT NULL, 
	campaign TEXT NOT NULL, 
	referrer TEXT NOT NULL, 
	user_agent TEXT NOT NULL, 
	click_id VARCHAR(64), 
	judgement VARCHAR(16) NOT NULL, 
	rule VARCHAR(64) NOT NULL, 
	ruleset VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_visit PRIMARY KEY (id), 
	CONSTRAINT fk_visit_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE visit_day (
	brand_id VARCHAR(26) NOT NULL, 
	day DATE NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	network VARCHAR(32) NOT NULL, 
	judgement VARCHAR(16) NOT NULL, 
	visits INTEGER NOT NULL, 
	CONSTRAINT pk_visit_day PRIMARY KEY (brand_id, day, code, network, judgement), 
	CONSTRAINT fk_visit_day_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE visitor_day (
	brand_id VARCHAR(26) NOT NULL, 
	day DATE NOT NULL, 
	visitor VARCHAR(32) NOT NULL, 
	visit_id VARCHAR(26) NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	pages INTEGER NOT NULL, 
	CONSTRAINT pk_visitor_day PRIMARY KEY (brand_id, day, visitor), 
	CONSTRAINT fk_visitor_day_brand_id FOREIGN KEY(brand_id) REFERENCES brand (id)
);
CREATE TABLE written_file (
	path TEXT NOT NULL, 
	brand_id VARCHAR(26), 
	kind VARCHAR(16) NOT NULL, 
	recipe TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	purge_at DATETIME, 
	CONSTRAINT pk_written_file PRIMARY KEY (path)
);
CREATE INDEX ix_account_brand_id ON account (brand_id);
CREATE INDEX ix_client_brand_id ON client (brand_id);
CREATE INDEX ix_event_brand_id ON event (brand_id);
CREATE INDEX ix_lead_brand_id ON lead (brand_id);
CREATE INDEX ix_link_brand_id ON link (brand_id);
CREATE INDEX ix_link_delivery_id ON link (delivery_id);
CREATE INDEX ix_reading_account_metric ON reading (account_id, metric, read_at);
CREATE INDEX ix_reading_brand_id ON reading (brand_id);
CREATE INDEX ix_reading_post_metric ON reading (post_id, metric, read_at);
CREATE INDEX ix_source_brand_id ON source (brand_id);
CREATE INDEX ix_article_brand_id ON article (brand_id);
CREATE INDEX ix_deal_brand_id ON deal (brand_id);
CREATE INDEX ix_post_brand_id ON post (brand_id);
CREATE INDEX ix_post_next_read_at ON post (next_read_at);
CREATE INDEX ix_touchpoint_brand_id ON touchpoint (brand_id);
CREATE INDEX ix_touchpoint_lead_id ON touchpoint (lead_id);
CREATE INDEX ix_delivery_account_state_due ON delivery (account_id, state, due_at);
CREATE INDEX ix_delivery_brand_id ON delivery (brand_id);
CREATE INDEX ix_delivery_brand_owner ON delivery (brand_id, owner);
CREATE INDEX ix_delivery_brand_state_due ON delivery (brand_id, state, due_at, account_id);
CREATE INDEX ix_delivery_brand_state_next ON delivery (brand_id, state, next_at);
CREATE INDEX ix_attempt_account_started ON attempt (account_id, action, started_at);
CREATE INDEX ix_attempt_brand_id ON attempt (brand_id);
CREATE INDEX ix_attempt_delivery_id ON attempt (delivery_id);
CREATE INDEX ix_notice_told_at ON notice (told_at);
CREATE INDEX ix_notice_kind_told ON notice (kind, told_at);
CREATE INDEX ix_notice_delivery ON notice (delivery_id, kind);
CREATE INDEX ix_reaction_brand_id ON reaction (brand_id);
CREATE INDEX ix_reaction_brand_person ON reaction (brand_id, person);
CREATE INDEX ix_reaction_brand_also ON reaction (brand_id, also);
CREATE INDEX ix_gathering_brand_id ON gathering (brand_id);
CREATE INDEX ix_spend_attempt_id ON spend (attempt_id);
CREATE INDEX ix_spend_brand_at ON spend (brand_id, at);
CREATE INDEX ix_visit_brand_started ON visit (brand_id, started_at);
CREATE INDEX ix_visit_brand_click ON visit (brand_id, click_id);
CREATE INDEX ix_lead_stage_brand_id ON lead_stage (brand_id);
CREATE INDEX ix_lead_stage_lead_id ON lead_stage (lead_id);
CREATE INDEX ix_deal_change_brand_id ON deal_change (brand_id);
CREATE INDEX ix_deal_change_deal_id ON deal_change (deal_id);
CREATE INDEX ix_effort_brand_id ON effort (brand_id);
CREATE INDEX ix_user_session_user_id ON user_session (user_id);
CREATE INDEX ix_tally_brand_key ON tally (brand_id, "key");
CREATE INDEX ix_tally_brand_tool_start ON tally (brand_id, tool, start);
CREATE INDEX ix_look_brand_at ON look (brand_id, at);
CREATE INDEX ix_experiment_week_account ON experiment_week (brand_id, account_id, starts_at);
CREATE INDEX ix_experiment_post_brand_id ON experiment_post (brand_id);
CREATE INDEX ix_interruption_brand_id ON interruption (brand_id);
COMMIT;
