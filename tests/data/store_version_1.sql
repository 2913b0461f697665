BEGIN TRANSACTION;
CREATE TABLE assignments (
	sha256 TEXT NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "assignments" VALUES('f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9',X'7B22666F726D6174223A312C227265706F7274223A7B226C6174223A33322E302C226C6E67223A3132302E382C2274657874223A22227D2C22726F6C6573223A7B7D7D');
CREATE TABLE days (
	day TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (day)
);
INSERT INTO "days" VALUES('2026-11-21',2);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	issue_id INTEGER, 
	at_us BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	private TEXT NOT NULL, 
	prev_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	FOREIGN KEY(issue_id) REFERENCES issues (id)
);
INSERT INTO "events" VALUES(1,1,1795233600000000,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"flags":"","generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"merged_into":null,"number":"20261121-0001","owner_id":"lamps","owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-7fbc-bf83-26c770a9b489","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-7fbc-bf83-38d6cc5b592b","version":1}','{"digest":"45f47b4d6f1a24a26d4c25b37e4636c795213e9857fd4f0112052b1fa500867a"}','0000000000000000000000000000000000000000000000000000000000000000','9d9fd90c7348b25200245b2905202930efb773fe8b02ad7eeebe03b0c57ee944');
INSERT INTO "events" VALUES(2,2,1795233600000001,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"flags":"","generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"merged_into":null,"number":"20261121-0002","owner_id":null,"owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-7fbc-bf83-52d14f5425f0","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-7fbc-bf83-e28e5f7a6d8d","version":1}','{"digest":"066f93106bc28bde12a0f95a19353ccf36833631e5c3a57814bd64193a0a4df0"}','9d9fd90c7348b25200245b2905202930efb773fe8b02ad7eeebe03b0c57ee944','698e1d0060214fb2f6c58ea02aa41857da759ca65920fe137a6d27937ebcf654');
INSERT INTO "events" VALUES(3,1,1795233600000002,'lin','dispatched','电话','{"status":"received","version":1}','{"status":"dispatched","version":2}','{}','698e1d0060214fb2f6c58ea02aa41857da759ca65920fe137a6d27937ebcf654','42c39fa600e2b9d673e679b865a42d4fc747673320b1fbf1ef29b6214a5f488b');
CREATE TABLE heads (
	id INTEGER NOT NULL, 
	report BIGINT NOT NULL, 
	issue BIGINT NOT NULL, 
	event BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "heads" VALUES(1,2,2,3,'42c39fa600e2b9d673e679b865a42d4fc747673320b1fbf1ef29b6214a5f488b');
CREATE TABLE idempotency_keys (
	scope TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body_digest TEXT NOT NULL, 
	answer BLOB NOT NULL, 
	expires_us BIGINT NOT NULL, 
	PRIMARY KEY (scope, "key")
);
CREATE TABLE issues (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	number TEXT NOT NULL, 
	status TEXT NOT NULL, 
	category TEXT NOT NULL, 
	lng DOUBLE, 
	lat DOUBLE, 
	geometry BLOB, 
	quadkey BIGINT, 
	cell_code TEXT NOT NULL, 
	cell_path TEXT NOT NULL, 
	owner_id TEXT, 
	asset_kind TEXT, 
	asset_id TEXT, 
	certainty TEXT NOT NULL, 
	owner_share DOUBLE, 
	assignment TEXT, 
	generation TEXT NOT NULL, 
	report_count INTEGER NOT NULL, 
	created_us BIGINT NOT NULL, 
	updated_us BIGINT NOT NULL, 
	due_us BIGINT, 
	flags TEXT NOT NULL, 
	merged_into TEXT, 
	version INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (uid), 
	UNIQUE (number), 
	FOREIGN KEY(assignment) REFERENCES assignments (sha256)
);
INSERT INTO "issues" VALUES(1,'01a1fc42-d200-7fbc-bf83-38d6cc5b592b','20261121-0001','dispatched','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00','lamps','street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000000,1795233600000002,NULL,'',NULL,2,3);
INSERT INTO "issues" VALUES(2,'01a1fc42-d200-7fbc-bf83-e28e5f7a6d8d','20261121-0002','received','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00',NULL,'street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000001,1795233600000001,NULL,'',NULL,1,2);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE report_photos (
	report_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (report_id, position), 
	FOREIGN KEY(report_id) REFERENCES report_private (report_id)
);
INSERT INTO "report_photos" VALUES(1,0,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "report_photos" VALUES(2,0,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
CREATE TABLE report_private (
	report_id INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	reporter TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	text TEXT NOT NULL, 
	sources TEXT NOT NULL, 
	assigned_text TEXT, 
	PRIMARY KEY (report_id), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "report_private" VALUES(1,X'738B70651CC853D1044A3CD42F2A5AD2DFA9515FD987B4B89EECA3086E1447A2','openid-1','13800000000','张三 门口 13800000000','',NULL);
INSERT INTO "report_private" VALUES(2,X'BB77222B9219A0B8E2FA39FC59E4A5041B5460BB6817C23F0A247703CC316F3A','openid-1','13800000000','张三 门口 13800000000','',NULL);
CREATE TABLE reports (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	issue_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	external_id TEXT, 
	body_digest TEXT NOT NULL, 
	received_us BIGINT NOT NULL, 
	occurred_us BIGINT NOT NULL, 
	zone_assumed BOOLEAN NOT NULL, 
	lng DOUBLE, 
	lat DOUBLE, 
	datum TEXT NOT NULL, 
	accuracy_m DOUBLE, 
	level DOUBLE, 
	geometry BLOB, 
	category TEXT NOT NULL, 
	generation TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (channel, external_id), 
	UNIQUE (uid), 
	FOREIGN KEY(issue_id) REFERENCES issues (id)
);
INSERT INTO "reports" VALUES(1,'01a1fc42-d200-7fbc-bf83-26c770a9b489',1,'wechat','x1','159d5dacb4d88fd30e4658aa827f26a40394a53f969ecf85e8589e322a9b23d4',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
INSERT INTO "reports" VALUES(2,'01a1fc42-d200-7fbc-bf83-52d14f5425f0',2,'wechat',NULL,'c6131d758a8ed6e94f2a32ece3d40a36477383e55eb293214b56d0061d9e36a2',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
CREATE INDEX ix_idempotency_keys_expires_us ON idempotency_keys (expires_us);
CREATE INDEX issues_by_owner ON issues (owner_id, seq);
CREATE INDEX issues_by_status ON issues (status, seq);
CREATE INDEX issues_by_category ON issues (category, seq);
CREATE INDEX issues_by_cell ON issues (cell_path);
CREATE UNIQUE INDEX issues_by_seq ON issues (seq);
CREATE INDEX issues_by_quadkey ON issues (quadkey);
CREATE INDEX issues_by_created ON issues (created_us);
CREATE INDEX issues_by_updated ON issues (updated_us);
CREATE INDEX ix_reports_received_us ON reports (received_us);
CREATE INDEX ix_reports_issue_id ON reports (issue_id);
CREATE INDEX events_by_issue ON events (issue_id, seq);
CREATE INDEX private_by_reporter ON report_private (reporter);
CREATE INDEX ix_report_photos_sha256 ON report_photos (sha256);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports are never changed'); END;
CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports BEGIN SELECT RAISE(ABORT, 'reports are never changed'); END;
CREATE TRIGGER assignments_no_update BEFORE UPDATE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments are never changed'); END;
CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments are never changed'); END;
COMMIT;
