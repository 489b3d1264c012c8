require "digest"

class Patterns
  def report(since)
    # ruleid: ruby-sql-string-building
    Order.where("day > '#{since}'")
    # ok: ruby-sql-string-building
    Order.where("day > ?", since)
    # ok: ruby-sql-string-building
    Order.where("#{Order.table_name}.day > 1")
  end

  def parse(text)
    # ruleid: ruby-unsafe-yaml-load
    YAML.unsafe_load(text)
    # ok: ruby-unsafe-yaml-load
    YAML.safe_load(text)
    # ruleid: ruby-xxe
    Nokogiri::XML(text) { |config| config.noent }
    # ok: ruby-xxe
    Nokogiri::XML(text) { |config| config.nonet }
  end

  def crypto(data, password)
    # ruleid: ruby-weak-hash
    Digest::MD5.hexdigest(data)
    # ok: ruby-weak-hash
    cache_key = Digest::MD5.hexdigest(data)
    # ok: ruby-weak-hash
    "https://www.gravatar.com/avatar/#{Digest::MD5.hexdigest(address)}"
    # ok: ruby-weak-hash, ruby-weak-password-hash
    Digest::SHA256.hexdigest(data)
    # ruleid: ruby-weak-password-hash
    Digest::SHA256.hexdigest(password)
    # ok: ruby-weak-password-hash
    BCrypt::Password.create(password)
    # ruleid: ruby-weak-cipher
    OpenSSL::Cipher.new("des-ede3-cbc")
    # ruleid: ruby-weak-cipher
    OpenSSL::Cipher.new("aes-128-ecb")
    # ok: ruby-weak-cipher
    OpenSSL::Cipher.new("aes-256-gcm")
    # ruleid: ruby-weak-key-size
    OpenSSL::PKey::RSA.new(1024)
    # ok: ruby-weak-key-size
    OpenSSL::PKey::RSA.new(3072)
  end

  def tokens
    # ruleid: ruby-insecure-random
    reset_token = rand(10**10).to_s
    # ok: ruby-insecure-random
    reset_token = SecureRandom.hex(20)
    # ok: ruby-insecure-random
    dice = rand(6)
  end

  # ruleid: ruby-hardcoded-secret
  DB_PASSWORD = "hunter2-and-more"
  # ok: ruby-hardcoded-secret
  API_KEY = ENV.fetch("API_KEY")

  def connect
    # ruleid: ruby-hardcoded-secret
    Mysql2::Client.new(host: "db", password: "s3cr3t-p4ss!")
    # ok: ruby-hardcoded-secret
    Mysql2::Client.new(host: "db", password: ENV["DB_PASSWORD"])
  end

  # ruleid: ruby-basic-auth-hardcoded
  http_basic_authenticate_with name: "admin", password: "letmein"
  # ok: ruby-basic-auth-hardcoded
  http_basic_authenticate_with name: "admin", password: ENV["ADMIN_PASSWORD"]

  def tls(http, context)
    # ruleid: ruby-tls-verification-off
    http.verify_mode = OpenSSL::SSL::VERIFY_NONE
    # ok: ruby-tls-verification-off
    http.verify_mode = OpenSSL::SSL::VERIFY_PEER
    # ruleid: ruby-weak-tls-version
    context.ssl_version = :TLSv1
    # ok: ruby-weak-tls-version
    context.ssl_version = :TLSv1_2
  end

  def claims(token, key)
    # ruleid: ruby-jwt-unverified
    JWT.decode(token, nil, false)
    # ruleid: ruby-jwt-hardcoded-secret
    JWT.encode({ sub: 1 }, "not-so-secret", "HS256")
    # ok: ruby-jwt-unverified, ruby-jwt-hardcoded-secret
    JWT.decode(token, key, true, algorithm: "HS256")
  end

  # ruleid: ruby-csrf-disabled
  skip_before_action :verify_authenticity_token, only: [:pay]
  # ok: ruby-csrf-disabled
  skip_before_action :authenticate, only: [:home]

  def web(config, value, path)
    # ruleid: ruby-debug-enabled
    config.consider_all_requests_local = true
    # ok: ruby-debug-enabled
    config.consider_all_requests_local = false
    # ruleid: ruby-mass-assignment
    params.require(:user).permit!
    # ok: ruby-mass-assignment
    params.require(:user).permit(:name, :email)
    # ruleid: ruby-insecure-cookie
    cookies[:session] = { value: value, httponly: false }
    # ok: ruby-insecure-cookie
    cookies[:session] = { value: value, httponly: true, secure: true }
    # ruleid: ruby-world-writable
    File.chmod(0o777, path)
    # ok: ruby-world-writable
    File.chmod(0o640, path)
  end
end
