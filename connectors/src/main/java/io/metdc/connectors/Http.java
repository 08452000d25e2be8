package io.metdc.connectors;

import io.metdc.market.Nanos;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;

/// Sends HTTP requests and gives whole answers, whatever their status: bounded, unpacked, and within a time-out that
/// ends with the last byte. Requests block the calling thread, which should be a virtual one; several threads may ask
/// at once.
public final class Http implements AutoCloseable {
    private final HttpClient client;
    private final Duration timeout;
    private final int maxAnswer;

    /// @param timeout   from the connect to the last byte of the answer
    /// @param maxAnswer the longest body that is taken, as sent and unpacked, in bytes
    /// @throws FeedException with [io.metdc.market.Failure.Fatal] when the network settings cannot be used
    public Http(Network network, Duration timeout, int maxAnswer) throws FeedException {
        client = network.httpClient();
        this.timeout = timeout;
        this.maxAnswer = maxAnswer;
    }

    /// A whole answer.
    ///
    /// @param body unpacked
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Answered(int status, HttpHeaders headers, byte[] body) {
        /// The value of a header, or "" where it is not there.
        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    /// Sends a request, and asks for gzip.
    ///
    /// @throws IOException when no whole answer comes in time or it cannot be unpacked; its message, never null,
    ///                     says what happened but not where
    public Answered send(HttpRequest.Builder request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request.header("Accept-Encoding", "gzip").build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxAnswer));
        try {
            // a time-out of the request itself would end with the headers
            HttpResponse<byte[]> response = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return new Answered(response.statusCode(), response.headers(), unpacked(response));
        } catch (TimeoutException e) {
            throw new IOException("no whole answer within " + Nanos.words(timeout), e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cause.toString(), cause);
        } finally {
            answer.cancel(true);
        }
    }

    private byte[] unpacked(HttpResponse<byte[]> response) throws IOException {
        boolean packed = response.headers()
                .firstValue("Content-Encoding")
                .filter("gzip"::equalsIgnoreCase)
                .isPresent();
        if (!packed || response.body().length == 0) {
            return response.body();
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            byte[] body = in.readNBytes(maxAnswer + 1);
            if (body.length > maxAnswer) {
                throw new IOException("longer than " + maxAnswer + " bytes");
            }
            return body;
        } catch (IOException e) {
            throw new IOException("an answer that cannot be unpacked: " + e.getMessage(), e);
        }
    }

    /// Ends requests that are under way.
    @Override
    public void close() {
        client.shutdownNow();
    }
}
