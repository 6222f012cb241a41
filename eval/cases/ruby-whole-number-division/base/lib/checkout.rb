class Checkout
  def initialize(cart, payment)
    @cart = cart
    @payment = payment
  end

  def pay
    @payment.charge(@cart.total_cents)
  end
end
