package bounce

import (
	"strings"
	"testing"
)

// TestNotABounce: what a bounce is and what only looks like one. Each is a header, with text that quotes
// a refusal below it.
func TestNotABounce(t *testing.T) {
	const (
		text = "\n\n<bob@example.net>: host mx.example.net[192.0.2.1] said: 554 5.7.1 no\n"
		none = "\n\nadmin@example.net: call me\n"
	)
	for message, want := range map[string]string{
		"From: MAILER-DAEMON@a.example\nSubject: Undelivered Mail" + text:                                    "",
		"From: MAILER-DAEMON@a.example\nSubject: Undelivered Mail" + none:                                    "",
		"Return-Path: <>\nFrom: MAILER-DAEMON@a.example\nSubject: sorry" + text:                              "",
		"Return-Path: <>\nFrom: System <system@a.example>\nSubject: Delivery failure" + text:                 "",
		"From: x@a.example\nSubject: y\nX-Failed-Recipients: bob@example.net" + text:                         "",
		"From: postmaster@a.example\nSubject: Re: Undelivered Mail" + text:                                   "ordinary",
		"From: postmaster@a.example\nSubject: your server" + text:                                            "ordinary",
		"From: ada@a.example\nSubject: Undelivered Mail again" + text:                                        "ordinary",
		"From: no-reply@mail.a.example\nSubject: news" + none:                                                "ordinary",
		"Return-Path: <>\nFrom: bob@a.example\nSubject: Automatic reply: hello" + none:                       "vacation",
		"Return-Path: <>\nFrom: bob@a.example\nSubject: hello\nAuto-Submitted: auto-replied" + none:          "automatic answer",
		"From: cron@a.example\nSubject: backup\nAuto-Submitted: auto-generated" + text:                       "made by a program",
		"Return-Path: <>\nFrom: list-bounces@a.example\nSubject: welcome\nPrecedence: bulk" + none:           "ordinary",
		"From: postmaster@a.example\nSubject: Out of office\nContent-Type: text/plain; charset=\"x\"" + none: "vacation",
	} {
		b, err := testReader.Parse(strings.NewReader(message))
		if err != nil {
			t.Fatal(err)
		}
		if (b.Kind == NotABounce) != (want != "") || !strings.Contains(b.Why, want) {
			t.Errorf("%q: %s, %q; want %q", message, b.Kind, b.Why, want)
		}
	}
}

// TestOrigin: whether the message that came back was ever at one of ours.
func TestOrigin(t *testing.T) {
	ours := []string{"mail.example.org", "203.0.113.9", "2001:db8::/48", "192.0.2.16/28"}
	for header, want := range map[string]Origin{
		"Received: from x (x [203.0.113.9]) by mx.example.net; Mon":                           Ours,
		"Received: from x ([IPv6:2001:db8::25]) by mx.example.net; Mon":                       Ours,
		"Received: from x ([::ffff:192.0.2.20]) by mx.example.net; Mon":                       Ours,
		"Received: from client (unknown [10.0.0.7]) by MAIL.example.org. with ESMTP; Mon":     Ours,
		"Received: from a.mail.example.org (198.51.100.1) by mx.example.net; Mon":             Ours,
		"Received: from notmail.example.com (198.51.100.1) by mx.example.net; Mon":            Elsewhere,
		"Received: from x (x [198.51.100.1]) by mx.example.net for <a@mail.example.org>; Mon": Elsewhere,
		"Received: from other.example.org (198.51.100.1) by mx.example.net; Mon":              "", // a host of our domain
		"Received: (qmail 4711 invoked by uid 1000); 5 Oct 2026 10:00:00 -0000":               "",
		"Received: by 10.31.1.2 with SMTP id q1; Mon":                                         "",
		"Subject: nothing received": "",
	} {
		message := "From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n\n<bob@example.net>:\nno\n\n--- Below this line is a copy of the message.\n\n" + header + "\nFrom: a@mail.example.org\n\n"
		b, err := (&Reader{Ours: ours}).Parse(strings.NewReader(message))
		if err != nil || b.Original == nil {
			t.Fatalf("%+v, %v", b, err)
		}
		if b.Original.Origin != want {
			t.Errorf("%q: %q, want %q", header, b.Original.Origin, want)
		}
		b, err = (&Reader{}).Parse(strings.NewReader(message))
		if err != nil || b.Original.Origin != "" {
			t.Errorf("%q without hosts: %q, %v", header, b.Original.Origin, err)
		}
	}
}
