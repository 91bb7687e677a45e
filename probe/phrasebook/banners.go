package phrasebook

import "strings"

// Greeting is how one mail server introduces itself, in its greeting or in its reply to EHLO.
type Greeting struct {
	MTA     string
	Pattern *Pattern // matched on lines "220 greeting" and "250 EHLO line"
	Example string   // one such line
}

// MTA names the software that greeted so and answered EHLO so, or returns "" if neither says. The
// lines may come with or without their codes. A name is a claim: administrators change banners.
func MTA(banner string, ehlo []string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(cut(banner), "\n") {
		writeCoded(&b, "220 ", line)
	}
	for _, line := range ehlo[:min(len(ehlo), 100)] {
		writeCoded(&b, "250 ", cut(line))
	}
	text := newSubject(cut(b.String()))
	for i := range Banners {
		if Banners[i].Pattern.match(text) {
			return Banners[i].MTA
		}
	}
	return ""
}

// writeCoded adds a line in the form patterns expect: code, space, text.
func writeCoded(b *strings.Builder, code, line string) {
	line = strings.TrimSpace(line)
	if isCoded(line) {
		line = line[4:]
	}
	b.WriteString(code)
	b.WriteString(line)
	b.WriteByte('\n')
}

// Banners are the introductions known, tried in order. Servers that introduce themselves by nothing but
// their host name, as stock qmail does, cannot be in it.
var Banners = []Greeting{
	// Services, before the software they might be built on.
	{"Microsoft 365", re(`(?i)\.protection\.outlook\.com\b`), "220 AM1EUR05FT012.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Mon, 5 Oct 2026 10:00:00 +0000"},
	{"Microsoft 365", re(`(?i)^220 \S+\.outlook\.com Microsoft ESMTP`), "220 LO2P123CA0001.outlook.office365.com.outlook.com Microsoft ESMTP MAIL Service ready at Mon, 5 Oct 2026 10:00:00 +0000"},
	{"Google", re(`(?m)ESMTP \S+ - gsmtp|^220 smtp-relay\.gmail\.com |^250 \S+ at your service, \[`), "220 mx.google.com ESMTP a640c23a62f3a-abc - gsmtp"},
	{"Amazon SES", re(`(?i)SimpleEmailService`), "220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-ABCDEFGHI 1a2b3c"},
	{"Mimecast", re(`(?i)^220 \S*\.mimecast\S*`), "220 eu-smtp-inbound-1.mimecast.com ESMTP ; Mon, 05 Oct 2026 10:00:00 +0100"},
	{"Proofpoint", re(`(?i)^220[ -]\S*(?:\.pphosted\.com|\.ppe-hosted\.com)|ESMTP mfa-m\d`), "220 mx0a-00123456.pphosted.com ESMTP mfa-m0123456"},
	{"Messagelabs", re(`(?i)^220 \S*\.messagelabs\.com`), "220 server-1.tower-1.messagelabs.com ESMTP"},
	{"Yahoo", re(`(?i)^220 \S*\.mail\.\S*yahoo\S*|^220 mtaproxy\d`), "220 mtaproxy505.free.mail.bf1.yahoo.com ESMTP ready"},
	{"Yandex", re(`(?i)Yandex\.Mail|^220 \S*\.yandex\.(?:net|ru|com)\b`), "220 mxfront-1.mail.yandex.net (Want to use Yandex.Mail for your domain? Visit http://pdd.yandex.ru)"},
	{"Mail.ru", re(`(?i)^220 (?:Mail\.Ru|\S+\.mail\.ru) ESMTP`), "220 Mail.Ru ESMTP (mx1.mail.ru)"},
	{"GMX", re(`Nemesis ESMTP`), "220 gmx.net (mxgmx117) Nemesis ESMTP Service ready"},
	{"Coremail", re(`(?i)\bCoremail\b`), "220 163.com Anti-spam GT for Coremail System (163com[20141201])"},
	{"QQ Mail", re(`(?i)QQ Mail Server|^220 \S+\.qq\.com`), "220 newxmmxszb6.qq.com MX QQ Mail Server."},
	{"Zoho", re(`(?i)^220 mx\.zoho\S* SMTP Server ready`), "220 mx.zoho.com SMTP Server ready October 5, 2026"},
	{"OVH", re(`(?i)^220 \S*\.ovh\.net ESMTP`), "220 mx1.mail.ovh.net ESMTP"},

	// Test sinks, which take everything and relay only where they are told to. aiosmtpd is what filters are written with, too.
	{"Mailpit", re(`(?i)\bMailpit\b`), "220 localhost Mailpit ESMTP Service ready"},
	{"MailHog", re(`(?i)ESMTP MailHog`), "220 mailhog.example ESMTP MailHog"},
	{"smtp4dev", re(`(?i)\bsmtp4dev\b`), "220 localhost smtp4dev ready"},
	{"GreenMail", re(`(?i)\bGreenMail\b`), "220 /127.0.0.1 GreenMail SMTP Service v1.6.1 ready"},
	{"MailCatcher", re(`(?i)\bMailCatcher\b`), "220 EventMachine SMTP Server (MailCatcher)"},
	{"Papercut", re(`(?i)\bPapercut\b`), "220 localhost Papercut SMTP v5.0.0 ready"},
	{"Inbucket", re(`(?i)\bInbucket\b`), "220 localhost Inbucket SMTP ready"},
	{"aiosmtpd", re(`Python SMTP \d|aiosmtpd`), "220 localhost Python SMTP 1.4.4.post2"},
	{"aiosmtpd", re(`(?i)Python SMTP proxy`), "220 localhost Python SMTP proxy version 0.3"},

	// Mail servers.
	{"mailcow", re(`ESMTP Postcow\b`), "220 mail.example.org ESMTP Postcow"},
	{"Postfix", re(`(?i)\bPostfix\b`), "220 mx.example.org ESMTP Postfix (Debian/GNU)"},
	{"cPanel", re(`(?s)ESMTP Exim \d.*We do not authorize the use of this system to transport`), "220 mx.example.org ESMTP Exim 4.98.1 #2 Mon, 05 Oct 2026 10:00:00 +0000\n220 We do not authorize the use of this system to transport unsolicited,\n220 and/or bulk e-mail."},
	{"Exim", re(`ESMTP Exim \d|\bExim \d\.\d`), "220 mx.example.org ESMTP Exim 4.96 Mon, 05 Oct 2026 10:00:00 +0000"},
	{"Sendmail", re(`(?i)\bSendmail\b`), "220 mx.example.org ESMTP Sendmail 8.17.1/8.17.1; Mon, 5 Oct 2026 10:00:00 GMT"},
	{"OpenSMTPD", re(`(?i)\bOpenSMTPD\b`), "220 mx.example.org ESMTP OpenSMTPD"},
	{"Courier", re(`(?m)XVERP=Courier|ESMTP Courier`), "250 XVERP=Courier"},
	{"IndiMail", re(`(?i)\bIndiMail\b`), "220 mx.example.org (NO UCE) ESMTP IndiMail 1.393 2026-10-05T10:00:00Z"},
	{"qmail", re(`(?i)\bqmail\b`), "220 mx.example.org ESMTP netqmail (qmail-smtpd)"},
	{"qpsmtpd", re(`\bqpsmtpd\b`), "220 mx.example.org ESMTP qpsmtpd 0.94 ready; send us your mail, but not your spam."},
	{"Haraka", re(`Haraka`), "220 mx.example.org ESMTP Haraka/3.0.3 ready"},
	{"Stalwart", re(`(?i)\bStalwart\b|you had me at EHLO`), "220 mx.example.org Stalwart ESMTP at your service"},
	{"maddy", re(`(?i)\bmaddy\b`), "220 mx.example.org maddy ESMTP"},
	{"mox", re(`ESMTP mox\b`), "220 mx.example.org ESMTP mox"},
	{"chasquid", re(`ESMTP chasquid|Your hour of destiny has come`), "250 mx.example.org - Your hour of destiny has come."},
	{"hMailServer", re(`(?i)\bhMailServer\b`), "220 mx.example.org ESMTP hMailServer"},
	{"MailEnable", re(`(?i)\bMailEnable\b`), "220 mx.example.org ESMTP MailEnable Service, Version: 10.40--10.40 ready at 10/05/26 10:00:00"},
	{"MDaemon", re(`(?i)\bMDaemon\b`), "220 mx.example.org ESMTP MDaemon 23.0.1; Mon, 05 Oct 2026 10:00:00 +0000"},
	{"Kerio Connect", re(`(?i)\bKerio\b`), "220 mx.example.org Kerio Connect 9.4.2 ESMTP ready"},
	{"IceWarp", re(`(?i)\bIceWarp\b|\bMerak\b`), "220 mx.example.org ESMTP IceWarp 13.0.3.7 RHEL8 x64; Mon, 05 Oct 2026 10:00:00 +0000"},
	{"SmarterMail", re(`(?i)\bSmarterMail\b`), "220 mx.example.org SmarterMail ESMTP"},
	{"Lotus Domino", re(`(?i)\b(?:Lotus|IBM|HCL) Domino\b|\bDomino Release\b`), "220 mx.example.org ESMTP Service (Lotus Domino Release 8.5.3FP6) ready at Mon, 5 Oct 2026 10:00:00 +0000"},
	{"James", re(`(?i)\bJAMES\b`), "220 mx.example.org SMTP Server (JAMES SMTP Server 2.3.2) ready Mon, 5 Oct 2026 10:00:00 +0000 (UTC)"},
	{"Zimbra", re(`(?i)\bZimbra\b`), "220 zimbra.example.org ESMTP Zimbra"},
	{"Barracuda", re(`ESMTP \([0-9a-f]{32}\)|(?i:^220 barracuda\S*)`), "220 gw.example.org ESMTP (0123456789abcdef0123456789abcdef)"},
	{"KumoMTA", re(`(?i)\bKumoMTA\b`), "220 mx.example.org KumoMTA"},
	{"PowerMTA", re(`(?i)\bPowerMTA\b`), "220 mx.example.org (PowerMTA(TM) v4.5) ESMTP service ready"},
	{"Momentum", re(`(?i)\becelerity\b|\bMomentum\b`), "220 2.0.0 mx.example.org ESMTP ecelerity 3.6.2 Mon, 05 Oct 2026 10:00:00 +0000"},
	{"Postal", re(`ESMTP Postal\b`), "220 mx.example.org ESMTP Postal/ABC123"},
	{"ZoneMTA", re(`(?i)\bZoneMTA\b`), "220 mx.example.org ESMTP ZoneMTA"},
	{"Exchange", re(`(?m)Microsoft ESMTP MAIL Service ready|^250 X-(?:ANONYMOUSTLS|EXPS)\b`), "220 EX01.example.org Microsoft ESMTP MAIL Service ready at Mon, 5 Oct 2026 10:00:00 +0000"},
	{"Microsoft IIS SMTP", re(`Microsoft ESMTP MAIL Service, Version`), "220 web01 Microsoft ESMTP MAIL Service, Version: 10.0.17763.1697 ready at  Mon, 5 Oct 2026 10:00:00 +0000"},
	{"CommuniGate Pro", re(`(?i)\bCommuniGate\b`), "220 mx.example.org ESMTP CommuniGate Pro 6.3.3"},
	{"Axigen", re(`(?i)\bAxigen\b`), "220 mx.example.org Axigen ESMTP ready"},
	{"GroupWise", re(`(?i)\bGroupWise\b`), "220 mx.example.org GroupWise Internet Agent 18.4.2 Copyright Micro Focus. All rights reserved. Ready"},
	{"Oracle Messaging Server", re(`(?i)(?:Sun Java|Oracle Communications|iPlanet)\S* .{0,20}Messaging`), "220 mx.example.org -- Server ESMTP (Oracle Communications Messaging Server 8.1.0)"},
	{"Symantec Messaging Gateway", re(`(?i)Symantec (?:Messaging|Mail)`), "220 mx.example.org ESMTP Symantec Messaging Gateway"},
	{"Trend Micro IMSS", re(`(?i)Trend Micro|\bInterScan\b`), "220 mx.example.org Trend Micro InterScan Messaging Security Suite, Version: 9.1.0 ready"},
	{"FortiMail", re(`(?m)^220 \S+ ESMTP Smtpd; `), "220 mx.example.org ESMTP Smtpd; Mon, 5 Oct 2026 10:00:00 GMT"},
	{"Proxmox Mail Gateway", re(`(?i)\bProxmox\b`), "220 mx.example.org ESMTP Proxmox"},
	{"MailMarshal", re(`(?i)\bMailMarshal\b`), "220 mx.example.org MailMarshal (v10.0.3) Ready"},
	{"XMail", re(`\[XMail \d`), "220 mx.example.org <1759658400.1@mx.example.org> [XMail 1.27 ESMTP Server] service ready"},
	{"Mercury", re(`\bMercury(?:/32)? v?\d`), "220 mx.example.org Mercury 4.91 ESMTP server ready."},
	{"ArGoSoft", re(`(?i)\bArGoSoft\b`), "220 ArGoSoft Mail Server Pro for WinNT/2000/XP, Version 1.8 (1.8.8.9)"},
	{"SurgeMail", re(`(?i)\bSurge(?:SMTP|mail)\b`), "220 mx.example.org SurgeSMTP (Version 7.8) http://surgemail.com"},
	{"IMail", re(`\bIMail \d|NT-ESMTP Server`), "220 mx.example.org X1 NT-ESMTP Server mx.example.org (IMail 12.5 1-1)"},
	{"VPOP3", re(`\bVPOP3\b`), "220 mx.example.org VPOP3 ESMTP Server Ready"},
	{"Citadel", re(`ESMTP Citadel`), "220 mx.example.org ESMTP Citadel server ready."},
	{"MeTA1", re(`ESMTP MeTA1`), "220 mx.example.org ESMTP MeTA1-1.1.0"},
	{"WinWebMail", re(`(?i)\bWinWebMail\b`), "220 mx.example.org WinWebMail [3.9] ESMTP Server"},
	{"Magic Winmail", re(`(?i)\bWinmail\b`), "220 mx.example.org Magic Winmail Server 5.5 ESMTP ready"},
	{"go-smtp", re(`(?m)^220 \S+ ESMTP Service Ready$`), "220 localhost ESMTP Service Ready"},
}
