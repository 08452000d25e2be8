package io.metdc.connectors;

import io.metdc.market.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// How connections are made. TLS always verifies certificate and host name.
///
/// @param connectTimeout how long a connection may take until it can be spoken on, TLS included
/// @param readTimeout    how long an answer may take: a REST answer, or that to the WebSocket handshake
/// @param proxy          an HTTP proxy that lets connections through: `http://host:port`
/// @param bindAddress    the local address that connections leave from
/// @param caFile         certificates in PEM that are trusted beside those the JDK trusts
public record Network(
        Duration connectTimeout,
        Duration readTimeout,
        @Nullable URI proxy,
        @Nullable InetAddress bindAddress,
        @Nullable Path caFile) {

    /// Ten seconds each, straight to the exchange.
    public static final Network DEFAULT = new Network(Duration.ofSeconds(10), Duration.ofSeconds(10), null, null, null);

    public Network {
        if (!connectTimeout.isPositive() || !readTimeout.isPositive()) {
            throw new IllegalArgumentException("time-outs are positive");
        }
        if (proxy != null && (!"http".equals(proxy.getScheme()) || proxy.getHost() == null || proxy.getPort() < 0)) {
            throw new IllegalArgumentException("a proxy is written http://host:port, not " + proxy);
        }
    }

    /// The same with other trusted certificates.
    public Network withCaFile(@Nullable Path file) {
        return new Network(connectTimeout, readTimeout, proxy, bindAddress, file);
    }

    /// A client for HTTP/1.1 that keeps to these settings, follows no redirect and works on virtual threads. How long
    /// an answer may take is the caller's.
    ///
    /// @throws FeedException with [Failure.Fatal] when the file of certificates cannot be used
    public HttpClient httpClient() throws FeedException {
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .sslContext(sslContext())
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        if (proxy != null) {
            client.proxy(ProxySelector.of(InetSocketAddress.createUnresolved(proxy.getHost(), proxy.getPort())));
        }
        if (bindAddress != null) {
            client.localAddress(bindAddress);
        }
        return client.build();
    }

    /// What TLS trusts: the JDK's certificates and those of the configured file.
    ///
    /// @throws FeedException with [Failure.Fatal] when the file cannot be used
    SSLContext sslContext() throws FeedException {
        try {
            if (caFile == null) {
                return SSLContext.getDefault();
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : trustedByJdk()) {
                store.setCertificateEntry("jdk-" + number++, certificate);
            }
            for (Certificate certificate : read(caFile)) {
                store.setCertificateEntry("file-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new FeedException(new Failure.Fatal("cannot use the certificates of ca_file " + caFile, e));
        }
    }

    private static Collection<? extends Certificate> read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (certificates.isEmpty()) {
                throw new IOException("no certificate in " + file);
            }
            return certificates;
        }
    }

    private static X509Certificate[] trustedByJdk() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509.getAcceptedIssuers();
            }
        }
        return new X509Certificate[0];
    }

    /// Opens a socket; with TLS its handshake is done and host name and certificate are verified.
    ///
    /// @throws IOException when that fails or takes longer than the connect time-out, in which the name is looked
    ///                     up, too
    Socket connect(String host, int port, boolean tls) throws IOException, FeedException, InterruptedException {
        SSLContext context = tls ? sslContext() : null;
        long deadline = System.nanoTime() + connectTimeout.toNanos();
        InetAddress first = LookUp.address(proxy == null ? host : proxy.getHost(), connectTimeout);
        Socket socket = proxy == null
                ? new Socket(Proxy.NO_PROXY)
                : new Socket(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(first, proxy.getPort())));
        try {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            int millis = Math.clamp(left, 1, Integer.MAX_VALUE);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            if (bindAddress != null) {
                socket.bind(new InetSocketAddress(bindAddress, 0));
            }
            socket.connect(
                    proxy == null
                            ? new InetSocketAddress(first, port)
                            : InetSocketAddress.createUnresolved(host, port), // the proxy asks for it
                    millis);
            if (context == null) {
                return socket;
            }
            socket.setSoTimeout(millis);
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // a socket, unlike HTTP, does not verify the name
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            secure.setSoTimeout(0);
            return secure;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
