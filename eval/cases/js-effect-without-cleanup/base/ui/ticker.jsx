import { useState } from 'react'

export function Ticker({ feed }) {
  const [prices, setPrices] = useState({})
  return (
    <table>
      <tbody>
        {Object.entries(prices).map(([symbol, price]) => (
          <tr key={symbol}>
            <th scope="row">{symbol}</th>
            <td>{price.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
