class UsersController < ApplicationController
  def index
    name = params[:name]
    # ruleid: ruby-sql-injection, ruby-sql-string-building
    User.where("name = '#{name}'")
    # ruleid: ruby-sql-injection
    User.find_by_sql("SELECT * FROM users WHERE name = '" + params[:name] + "'")
    # ok: ruby-sql-injection, ruby-sql-string-building
    User.where("name = ?", params[:name])
    # ok: ruby-sql-injection
    User.where(name: params[:name])
    # ok: ruby-sql-injection
    User.find_by_sql("SELECT * FROM users WHERE id = #{params[:id].to_i}")
  end

  def ping
    # ruleid: ruby-command-injection
    system("ping -c 1 #{params[:host]}")
    # ruleid: ruby-command-injection
    `ping -c 1 #{params[:host]}`
    # ok: ruby-command-injection
    system("ping", "-c", "1", params[:host])
    # ok: ruby-command-injection
    system("ping -c 1 #{Shellwords.escape(params[:host])}")
  end

  def calc
    # ruleid: ruby-code-injection
    eval(params[:expression])
    # ruleid: ruby-code-injection
    params[:kind].constantize
    # ok: ruby-code-injection
    Integer(params[:expression])
    # ruleid: ruby-template-injection
    ERB.new(params[:template]).result
    # ruleid: ruby-template-injection
    render inline: params[:template]
    # ok: ruby-template-injection
    render :show, locals: { name: params[:name] }
  end

  def load
    # ruleid: ruby-unsafe-deserialization
    Marshal.load(cookies[:state])
    # ok: ruby-unsafe-deserialization
    JSON.parse(cookies[:state])
  end

  def download
    # ruleid: ruby-path-traversal
    send_file("/srv/files/" + params[:name])
    # ruleid: ruby-path-traversal
    File.read("/srv/files/#{params[:name]}")
    # ok: ruby-path-traversal
    send_file Attachment.find(params[:id]).disk_path
    # ok: ruby-path-traversal
    send_file current_user.exports.find_by!(token: params[:token]).path
    # ok: ruby-path-traversal
    send_file(File.join("/srv/files", File.basename(params[:name])))
  end

  def preview
    # ruleid: ruby-ssrf
    Net::HTTP.get(URI(params[:url]))
    # ok: ruby-ssrf
    Net::HTTP.get(URI("https://api.example.com/?id=#{CGI.escape(params[:id])}"))
  end

  def hello
    # ruleid: ruby-xss
    render html: "<h1>#{params[:name]}</h1>"
    # ruleid: ruby-xss
    @title = params[:title].html_safe
    # ok: ruby-xss
    @title = params[:title]
    # ruleid: ruby-open-redirect
    redirect_to params[:next]
    # ok: ruby-open-redirect
    redirect_to url_from(params[:next])
    # ok: ruby-open-redirect
    redirect_to user_path(params[:name])
    # ok: ruby-open-redirect
    redirect_to Routes.title_path User.find_by(name: params[:name])
    # ok: ruby-open-redirect
    redirect_to "/users/#{params[:name]}"
  end

  def people
    # ruleid: ruby-ldap-injection
    Net::LDAP::Filter.construct("(uid=#{params[:name]})")
    # ok: ruby-ldap-injection
    Net::LDAP::Filter.eq("uid", params[:name])
    # ruleid: ruby-xpath-injection
    doc.xpath("//user[@name='#{params[:name]}']")
    # ok: ruby-xpath-injection
    doc.xpath("//user")
    # ruleid: ruby-regexp-injection
    Regexp.new(params[:q])
    # ok: ruby-regexp-injection
    Regexp.new(Regexp.escape(params[:q]))
  end

  def upload
    avatar = params[:avatar]
    # ruleid: ruby-unsafe-upload
    File.binwrite("/srv/#{avatar.original_filename}", avatar.read)
    # ok: ruby-unsafe-upload
    File.binwrite("/srv/#{File.basename(avatar.original_filename)}", avatar.read)
  end
end
