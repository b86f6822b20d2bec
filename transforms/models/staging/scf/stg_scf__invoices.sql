with received as (select * from {{ source('bronze', 'invoices') }}),
     final as (
         select
             invoice_id, supplier_id, buyer_id, branch_id, entity_id,
             product_code, currency, invoice_number,
             amount_face,
             invoiced_on, due_on,
             source, batch_id, received_at
         from received
     )
select * from final
