package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"openrelay/internal/mtatest"
)

// forms are the addresses within an address of the server's own that a server may keep for the name of a
// mailbox as well as follow: user%foreign@own, "user@foreign"@own and foreign!user@own.
const forms = "percent-own-domain quoted-own-domain bang-own-domain"

// TestDeliverForms: servers that follow such a form are open, and proven, also where they take any local
// part and only the message can tell.
func TestDeliverForms(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for config, follows := range map[string]string{
		"postfix-percent":      "percent-own-domain",
		"postfix-quoted":       "quoted-own-domain",
		"postfix-bang":         "bang-own-domain",
		"exim-percent":         "percent-own-domain",
		"sendmail-last-domain": forms,
		"qpsmtpd-percent":      forms,
		"aiosmtpd-percent":     forms,
		"qpsmtpd-bang":         "bang-own-domain",
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := mtatest.Start(t, config)
			for _, vector := range strings.Fields(follows) {
				out := handedOver(t, s, 1, "--local-domain", "local.test", "--vectors", vector)
				proven := regexp.MustCompile(`(?m)^ +accepted +delivered: ` + vector + `$`)
				if !strings.HasPrefix(out, "open (delivered) "+s.Addr.String()) || !proven.MatchString(out) {
					t.Errorf("%s is not shown as delivered:\n%s\n%s", vector, out, s.Log())
				}
			}
		})
	}
}

// TestDeliverKept: servers that keep such forms for names of a mailbox put the messages there. They are not
// proven to relay, and not proven closed.
func TestDeliverKept(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for config, c := range map[string]struct{ keeps, log string }{ // what the log says of a message to alice
		"postfix-catchall":   {forms, "to=<alice@local.test>, orig_to=<"},
		"opensmtpd-catchall": {"percent-own-domain bang-own-domain", " user=alice "},
		"exim-percent-local": {forms, " => alice <"},
		"qpsmtpd-bang":       {"percent-own-domain quoted-own-domain", "to=<alice@local.test>, orig_to=<"},
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := mtatest.Start(t, config)
			vectors := strings.ReplaceAll(c.keeps, " ", ",")
			out := handedOver(t, s, 3, "--local-domain", "local.test", "--vectors", vectors, "--wait-delivery", "4s")
			unproven := regexp.MustCompile(`not proven to relay \((\d+) handed over, none arrived`).FindStringSubmatch(out)
			if !strings.HasPrefix(out, "inconclusive  "+s.Addr.String()+"  suspect-form-accepted") || unproven == nil {
				t.Fatalf("not shown as unproven:\n%s", out)
			}
			sent, err := strconv.Atoi(unproven[1])
			if err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(2 * time.Minute); strings.Count(s.Log(), c.log) < sent; time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%d messages, and they did not all come to alice:\n%s", sent, s.Log())
				}
			}
		})
	}
}

// handedOver is what a scan prints that hands messages over and catches what the server sends on.
func handedOver(t *testing.T, s *mtatest.Server, status int, more ...string) string {
	t.Helper()
	args := append([]string{"scan", "--proof", "deliver", "--deliver-to", "receiver.test", "--catch", s.Sink.String(),
		"--from-domain", "sender.test", "--to-domain", "receiver.test", "--source", mtatest.Stranger, s.Addr.String()}, more...)
	var out, errs bytes.Buffer
	if got := run(t.Context(), args, strings.NewReader(""), &out, &errs); got != status {
		t.Fatalf("exit status %d, want %d\n%s%s\n%s", got, status, errs.String(), out.String(), s.Log())
	}
	return out.String()
}
