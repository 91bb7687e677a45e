# Makes a root of its own for one mail server and runs the server in it. It is the first process of
# a new mount and PID namespace: all that is mounted here is gone when the server is.
#
# usage: sh -c "$(cat enter.sh)" enter PACKAGES DIR
#
# PACKAGES holds the unpacked packages, several with a colon between them, DIR/files the configuration, DIR/log the socket for
# syslog, DIR/root is where the root goes. Of the machine's own files only /usr shows through, with
# usr of PACKAGES over it; what is written there stays in this root.
set -eu
packages=$(echo "$1" | tr : " ") dir=$2 root=$2/root

mount --make-rprivate /
mount -t tmpfs -o mode=755 mtatest "$root"
cd "$root"
mkdir dev etc home proc root run tmp usr var
chmod 1777 tmp
for d in bin sbin lib lib64; do [ ! -L /$d ] || cp -P /$d .; done
mkdir .usr .usr/upper .usr/work
lower=
for p in $packages; do lower=$lower$p/usr:; done
mount -t overlay -o "lowerdir=$lower/usr,upperdir=.usr/upper,workdir=.usr/work" mtatest usr
mount -t proc mtatest proc

for node in null zero full random urandom; do
	: >dev/$node
	mount --bind /dev/$node dev/$node
done
ln -s /proc/self/fd dev/fd
: >dev/log
mount --bind "$dir/log" dev/log

# The linker's cache and the alternatives belong to /usr, not to the machine's settings.
for f in alternatives ld.so.cache ld.so.conf ld.so.conf.d; do [ ! -e /etc/$f ] || cp -a /etc/$f etc; done
for p in $packages; do
	for d in etc var; do [ ! -e "$p/$d" ] || cp -a "$p/$d" .; done
done
cp -R "$dir/files/." .
mkdir -p var/log var/mail var/spool var/tmp home/alice
ln -s /run var/run
chown 1000:1000 home/alice
chown 0:8 var/mail
chmod 2775 var/mail
chmod 1777 var/tmp
hostname mx.local.test

# Nothing here is run by systemd: what its unit would do is in mta. What stands before the server has scripts of its own
# there, which end in its name.
cat >usr/bin/systemctl <<'END'
#!/bin/sh
verb=$1
shift
for unit; do
	script=/mta/$verb-$unit
	[ -e "$script" ] || script=/mta/$verb
	sh -eu "$script" || exit
done
END
chmod 755 usr/bin/systemctl

# This shell stays the first process, and root: one that gave that up would no longer be killed with
# the test binary.
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot . \
	sh -c '[ ! -e /mta/before ] || sh /mta/before || exit; . /mta/start'
