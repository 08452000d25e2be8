package io.metdc.listings.recorder;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A folder that is replaced as a whole. The next one is made beside it as `NAME.new` and forced to disk; then the old
/// one is moved to `NAME.old`, the new one takes its name, and the old one is removed. A crash leaves either of them
/// whole, and [#repair()] finds it. One thread at a time.
final class ArchiveFolder {
    static final String NEW = ".new";
    static final String OLD = ".old";

    private final Path parent;
    private final Path folder;
    private final Path next;
    private final Path old;
    private final List<Path> written = new ArrayList<>();

    /// @param name a name and no path
    ArchiveFolder(Path parent, String name) {
        this.parent = parent;
        this.folder = parent.resolve(name);
        if (!parent.equals(folder.getParent()) || !folder.normalize().equals(folder)) {
            throw new IllegalArgumentException("no name of a folder: " + name);
        }
        this.next = parent.resolve(name + NEW);
        this.old = parent.resolve(name + OLD);
    }

    Path path() {
        return folder;
    }

    /// Brings back what a crash left without its name, and removes what it left over.
    void repair() throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && Files.isDirectory(old, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(old, folder, StandardCopyOption.ATOMIC_MOVE);
            force(parent);
        }
        remove(old);
        remove(next);
    }

    /// Begins the next one, empty.
    void begin() throws IOException {
        repair();
        written.clear();
        Files.createDirectories(next);
    }

    /// What was written of a file.
    record Written(String name, long bytes, String sha256) {}

    /// Writes the content of a file.
    @FunctionalInterface
    interface Content {
        void write(OutputStream out) throws IOException, SQLException;
    }

    /// Writes a file of the next one, which is forced to disk with the others.
    ///
    /// @param name with `/` between folders: one of ours
    Written write(String name, Content content) throws IOException, SQLException {
        Path file = next.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            DigestOutputStream digest = new DigestOutputStream(unclosed(Channels.newOutputStream(channel)), sha256());
            try (OutputStream out = new BufferedOutputStream(digest, 1 << 16)) {
                content.write(out);
            }
            written.add(file);
            return new Written(
                    name,
                    channel.size(),
                    HexFormat.of().formatHex(digest.getMessageDigest().digest()));
        }
    }

    /// Puts the next one in the place of the old one.
    void publish() throws IOException {
        forceFiles();
        forceFolders(next);
        boolean replaces = Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
        if (replaces) {
            Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(next, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (replaces) {
                Files.move(old, folder, StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
        force(parent);
        remove(old);
    }

    /// All at once: a disk takes as long for one as for some.
    private void forceFiles() throws IOException {
        try (ExecutorService forcing = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> forced = new ArrayList<>();
            for (Path file : written) {
                forced.add(forcing.submit(() -> {
                    force(file);
                    return null;
                }));
            }
            for (Future<?> one : forced) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("an archive cannot be forced to disk: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while an archive is forced to disk", e);
        }
    }

    /// Gives the next one up.
    void discard() throws IOException {
        remove(next);
    }

    private static OutputStream unclosed(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                out.flush(); // the channel is forced to disk before it is closed
            }
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static void forceFolders(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                force(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Removes a folder with all that is in it, following no links.
    private static void remove(Path top) throws IOException {
        if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
