# Prices are whole cents.
class Cart
  Item = Struct.new(:name, :cents, :count)

  def initialize(items)
    @items = items
  end

  def total_cents
    @items.sum { |item| item.cents * item.count }
  end
end
