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

// TestDeliverEachForm: where any local part is taken, three messages are one of each form. This server keeps all
// forms but bang paths, which come last; so the scan waits its whole minute.
func TestDeliverEachForm(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	t.Parallel()
	s := mtatest.Start(t, "qpsmtpd-bang")
	out := handedOver(t, s, 1, "--local-domain", "local.test")
	if !strings.HasPrefix(out, "open (delivered) ") || !strings.Contains(out, "delivered: bang-own-domain\n") {
		t.Errorf("bang paths are followed, and that is not shown:\n%s", out)
	}
}

// TestDeliverUnnamed: a domain that the server alone calls its own may be somebody else's, and nothing is sent
// in its name. That must be said, with the flag that helps, beside the command that only tests again.
func TestDeliverUnnamed(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for config, c := range map[string]struct {
		status int
		begins string
	}{
		"postfix-quoted":     {1, "open (data) "},
		"qpsmtpd-percent":    {3, "inconclusive "},
		"opensmtpd-catchall": {3, "inconclusive "},
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := mtatest.Start(t, config)
			out := handedOver(t, s, c.status, "--vectors", strings.ReplaceAll(forms, " ", ","))
			if !strings.HasPrefix(out, c.begins) || strings.Contains(out, "handed over") {
				t.Errorf("want %sand no message:\n%s", c.begins, out)
			}
			said := false
			for line := range strings.Lines(out) {
				said = said || strings.Contains(line, "--local-domain") && !strings.Contains(line, "openrelay scan --vectors")
			}
			if !said { // such as: no message was sent for quoted-own-domain: name local.test, if it is yours: --local-domain local.test
				t.Errorf("nothing says that the own domain must be named:\n%s", out)
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
