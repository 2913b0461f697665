BEGIN TRANSACTION;
CREATE TABLE assignments (
	sha256 TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "assignments" VALUES('f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','{"format":1,"report":{"lat":32.0,"lng":120.8,"text":""},"roles":{}}');
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
INSERT INTO "events" VALUES(1,1,1795233600000000,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"number":"20261121-0001","owner_id":"lamps","owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-7128-a868-b018d71e8baa","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-7394-84cb-ebd00b989ad1","version":1}','{"contact":"d703479713fc5ff566e1f0d4a3196080c0ac8f4fb918edfcc431ee9def6c6628","photos":["b6db9d0dce1f8677efa48cbd7f861b070ce62e64fda2dedde0a37913fdb09fc4"],"reporter":"1128d413e48881dc2405347804e58c8a3e274c9f0809315f1b9864a0b1aad6d7","text":"2fe218158e381e81ea86218fd18ce5653e889d3071f2c76051adea7b3d65e5a1"}','0000000000000000000000000000000000000000000000000000000000000000','6984387d21d8697131f239971bc70b74133a63b72199d09d5874854bd41e7fc0');
INSERT INTO "events" VALUES(2,2,1795233600000001,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"number":"20261121-0002","owner_id":null,"owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-7bc3-ba93-a7e464fbb5e0","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-7bc3-ba93-a7e4e837d824","version":1}','{"contact":"6894b3b3e1f5d6bec098d72d9062c22777849d2f745292a9a8adcdf1da2b9470","photos":["7e6e33e7eff5e0677fe334db1409fae652a751d6acbeb867e991c2755345d1b2"],"reporter":"884f72c6e895591b7fc8243c1fef2cb8ea044e38f2c665846a45cc84a001cbb9","text":"093ba364a42247488bc075e11d98a00a11ad504012498c87c4ed42fe026082ce"}','6984387d21d8697131f239971bc70b74133a63b72199d09d5874854bd41e7fc0','1f12edbdc59e876992d41ff4c3cce28ef62353471cfafd2d18d9f9894e3f734d');
INSERT INTO "events" VALUES(3,1,1795233600000002,'lin','dispatched','电话','{"status":"received","version":1}','{"status":"dispatched","version":2}','{}','1f12edbdc59e876992d41ff4c3cce28ef62353471cfafd2d18d9f9894e3f734d','7fcca34e9c569be57f1f42ed6c8126330febc1992cdc96520cc083bf62361a7f');
CREATE TABLE heads (
	id INTEGER NOT NULL, 
	report BIGINT NOT NULL, 
	issue BIGINT NOT NULL, 
	event BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "heads" VALUES(1,2,2,3,'7fcca34e9c569be57f1f42ed6c8126330febc1992cdc96520cc083bf62361a7f');
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
	version INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (uid), 
	UNIQUE (number), 
	FOREIGN KEY(assignment) REFERENCES assignments (sha256)
);
INSERT INTO "issues" VALUES(1,'01a1fc42-d200-7394-84cb-ebd00b989ad1','20261121-0001','dispatched','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00','lamps','street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000000,1795233600000002,NULL,2,3);
INSERT INTO "issues" VALUES(2,'01a1fc42-d200-7bc3-ba93-a7e4e837d824','20261121-0002','received','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00',NULL,'street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000001,1795233600000001,NULL,1,2);
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
	assigned_text TEXT, 
	PRIMARY KEY (report_id), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "report_private" VALUES(1,X'FED8CE2778CB86E85C3D2F7CAFF117B70D8BC858945EA60A76308D73D35A1E7B','openid-1','13800000000','张三 门口 13800000000',NULL);
INSERT INTO "report_private" VALUES(2,X'FEE06DB845D73B9DFEBEA107A2E7190B0B52AF31EBF4C8BF08A207FD78C7F94A','openid-1','13800000000','张三 门口 13800000000',NULL);
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
INSERT INTO "reports" VALUES(1,'01a1fc42-d200-7128-a868-b018d71e8baa',1,'wechat','x1','22cfbf24194d95b983b18037ff225d9c2a3bb0fabb53624b89bad7061c6ef9a1',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
INSERT INTO "reports" VALUES(2,'01a1fc42-d200-7bc3-ba93-a7e464fbb5e0',2,'wechat',NULL,'806dbbb417076975a1d85bce49b5e0641706db09661139b2818cf25dc9d0637d',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
CREATE INDEX ix_idempotency_keys_expires_us ON idempotency_keys (expires_us);
CREATE INDEX issues_by_owner ON issues (owner_id, seq);
CREATE INDEX issues_by_category ON issues (category, seq);
CREATE INDEX issues_by_cell ON issues (cell_path);
CREATE INDEX issues_by_status ON issues (status, seq);
CREATE INDEX issues_by_quadkey ON issues (quadkey);
CREATE INDEX issues_by_created ON issues (created_us);
CREATE INDEX issues_by_updated ON issues (updated_us);
CREATE UNIQUE INDEX issues_by_seq ON issues (seq);
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
